#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

/// Store::list; wants a ReadTransaction around it.
JobPage list_jobs(Connection& connection, const ListQuery& wanted, const Principal& principal);

}  // namespace atlasjob::sqlite
