#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

/// Store::submit within the caller's write transaction.
Submitted insert_job(Connection& connection, const NewJob& job, Time now);

// What hangs on a row that is there.
void insert_command(Connection& connection, std::int64_t seq, const CommandSpec& command);
void insert_labels(Connection& connection, std::int64_t seq, const std::vector<Label>& labels);

}  // namespace atlasjob::sqlite
