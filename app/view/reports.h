#pragma once

#include "ledger/job.h"
#include "ledger/store.h"
#include "runner/maintenance/gc.h"
#include "view/style.h"

#include <string>

namespace atlasjob::view {

/// One event as a line of text with a line end. (event_json is in job_json.h.)
std::string event_text(const Event& event, Time now, const Style& style);

/// {"reaped":N,"requeued":N,"pruned":N,"logs_removed":N,"dry_run":B,…}
std::string gc_json(const GcReport& report);

/// One line: what was done, or would be done, and whether work is left.
std::string gc_text(const GcReport& report);

/// {"imported":N,"skipped":N,"held":N,"renumbered":[{"from":5,"to":17},…]}
std::string import_json(const Imported& imported);
/// The same as text; lists only the first of many renumbered jobs.
std::string import_text(const Imported& imported);

}  // namespace atlasjob::view
