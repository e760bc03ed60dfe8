#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

/// Store::list, on the caller's snapshot.
JobPage list_jobs(Connection& connection, const ListQuery& query, const Principal& principal);

}  // namespace atlasjob::sqlite
