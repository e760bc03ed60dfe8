#pragma once

#include "store/sqlite/queries/access_paths.h"
#include "store/sqlite/queries/search.h"

namespace atlasjob::sqlite {

/// Of the wanted jobs those that the index of texts finds, and how many they are where counting
/// them here is cheaper than looking at each.
AccessPath indexed_matches(
    Connection& connection, const ResolvedQuery& wanted, const SearchTerm& needle);

}  // namespace atlasjob::sqlite
