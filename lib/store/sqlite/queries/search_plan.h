#pragma once

#include "store/sqlite/queries/access_paths.h"
#include "store/sqlite/queries/search.h"

namespace atlasjob::sqlite {

/// The matching jobs that the full-text index finds. Counts them if that is cheaper here (against
/// sets of seqs from other indexes: a tenth of reading each job).
AccessPath indexed_matches(
    Connection& connection, const ResolvedFilter& resolved, const SearchTerm& term);

}  // namespace atlasjob::sqlite
