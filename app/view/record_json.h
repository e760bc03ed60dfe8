#pragma once

#include "ledger/record.h"

#include <string>

namespace atlasjob::view {

/// A line of an export: the job as job_json has it, then what else hangs on it, "attempts",
/// "events" (as event_json) and "spec". Bytes of a command that are not UTF-8 are given in base64
/// beside it. The environment only `with_environment`.
void append_record_json(std::string& out, const JobRecord& record, bool with_environment, Time now);

}  // namespace atlasjob::view
