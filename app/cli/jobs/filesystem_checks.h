#pragma once

#include "ledger/store.h"
#include "store/open.h"

#include <vector>

namespace atlasjob::cli {

/// Looks at what is around a ledger: the directory and its permissions, the file's, the disk, the
/// folder of the jobs' output. Changes nothing.
std::vector<Finding> check_surroundings(const LedgerLocation& location);

}  // namespace atlasjob::cli
