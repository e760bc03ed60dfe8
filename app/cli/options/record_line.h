#pragma once

#include "ledger/record.h"

#include <string_view>

namespace atlasjob::cli {

/// Parses one line of an export (view/record_json.h), or a shorter one: job_id, kind, status, owner
/// and created_at are required. The keys stale, worker and rev are ignored; unknown keys are
/// refused, because their data would be lost. Throws invalid_argument.
JobRecord read_record_line(std::string_view text);

}  // namespace atlasjob::cli
