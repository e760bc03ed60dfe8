#pragma once

#include "ledger/store.h"

#include <string>

namespace atlasjob::view {

/// {"imported":N,"skipped":N,"held":N,"renumbered":[{"from":5,"to":17},…]}
std::string import_json(const Imported& imported);
/// The same for people; of many new numbers only the first.
std::string import_text(const Imported& imported);

}  // namespace atlasjob::view
