#pragma once

#include "store/sqlite/search.h"
#include "store/sqlite/sources.h"

namespace atlasjob::sqlite {

/// Of the wanted jobs those that the index of texts finds, and how many they are where counting
/// them here is cheaper than looking at each.
Source indexed_matches(Connection& connection, const Wanted& wanted, const Needle& needle);

}  // namespace atlasjob::sqlite
