#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

/// Store::submit within the caller's write transaction.
Submitted insert_job(Connection& connection, const NewJob& job, Time now);

}  // namespace atlasjob::sqlite
