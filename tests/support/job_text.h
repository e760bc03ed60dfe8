#pragma once

#include "ledger/job.h"
#include "ledger/store.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// Every field of `job`, one a line as "field: value": two jobs are equal exactly when their texts
/// are, and where they are not, the text shows which field differs.
std::string job_text(const Job& job);

/// Every field of every event, one event a line.
std::string events_text(const std::vector<Event>& events);

/// What happened, in short: "claim queued -> running".
std::string event_line(const Event& event);

}  // namespace atlasjob::test
