#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

// Store::running_attempts, mark_suspect and reap within the caller's transaction.

std::vector<RunningAttempt> running_attempts(Connection& connection);
bool mark_suspect(Connection& connection, const AttemptKey& key, Time now);
std::optional<Finished> reap_attempt(
    Connection& connection,
    const AttemptKey& key,
    ReapGround ground,
    const std::string& actor,
    Time now);

}  // namespace atlasjob::sqlite
