#pragma once

#include "runner/upkeep.h"

#include <string>

namespace atlasjob::view {

/// {"reaped":N,"requeued":N,"pruned":N,"logs_removed":N,"dry_run":B,…}
std::string gc_json(const GcReport& report);

/// One line: what was done, or would be, and whether more is left.
std::string gc_text(const GcReport& report);

}  // namespace atlasjob::view
