#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

// The verbs of an executor, each within the caller's write transaction (see Store).

AttemptKey start_job(Connection& connection, const JobId& id, const std::string& actor, Time now);
bool note_process(Connection& connection, const AttemptKey& key, const ProcessIdentity& process);
std::optional<Beat> renew_lease(
    Connection& connection, const AttemptKey& key, std::int64_t log_bytes, Time now);
std::optional<Beat> record_report(
    Connection& connection, const AttemptKey& key, const Report& report, Time now);
bool release_attempt(
    Connection& connection, const AttemptKey& key, const std::string& actor, Time now);

}  // namespace atlasjob::sqlite
