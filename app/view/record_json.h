#pragma once

#include "ledger/record.h"

#include <string>

namespace atlasjob::view {

/// Appends one export line: the members of job_json, then "attempts", "events" (as event_json) and
/// "spec". Parts of a command that are not UTF-8 are added in base64. Includes the environment only
/// `with_environment`.
void append_record_json(std::string& out, const JobRecord& record, bool with_environment, Time now);

}  // namespace atlasjob::view
