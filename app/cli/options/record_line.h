#pragma once

#include "ledger/record.h"

#include <string_view>

namespace atlasjob::cli {

/// Reads one line of an export (view/record_json.h) or a shorter one: job_id, kind, status, owner
/// and created_at are enough. Keys that are the reader's own business (stale, worker, rev) are
/// allowed and not heeded; unknown keys are refused, because what they say would be lost. Throws
/// invalid_argument that says what is wrong.
JobRecord read_record_line(std::string_view text);

}  // namespace atlasjob::cli
