#pragma once

#include "ledger/job.h"
#include "ledger/store.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// Every field of `job`, one per line as "field: value". Two jobs are equal exactly if their texts
/// are; a failed comparison shows the field that differs.
std::string job_text(const Job& job);

/// Every field of every event, one event per line.
std::string events_text(const std::vector<Event>& events);

/// An event in short: "claim queued -> running".
std::string event_line(const Event& event);

}  // namespace atlasjob::test
