#pragma once

#include "store/sqlite/conditions.h"

#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// Where a list finds jobs: rows that one index leads to, and what else must be true of them.
struct Source {
    std::string from;  ///< What follows FROM.
    std::string seq;   ///< The column that holds the job's number.
    Conditions conditions;
    std::optional<std::int64_t> jobs{};  ///< How many it has, where that is known.
};

/// What a list is to show.
struct Wanted {
    ListQuery query;                       ///< Its owners: whose jobs are seen, by name.
    bool all_owners = false;               ///< These are all there are.
    std::vector<std::string> not_kinds{};  ///< Found another way.
};

/// Nothing: the principal may see none of what is asked for.
std::optional<Wanted> wanted_of(
    Connection& connection, const ListQuery& query, const Principal& principal);

/// Ways to all jobs that are wanted, none of them twice. Each is as short as what exists allows:
/// the rarest label, the index of a status, else the jobs themselves.
std::vector<Source> sources_of(Connection& connection, const Wanted& wanted);
/// The jobs themselves, looked at one by one.
Source all_jobs(const Wanted& wanted);

}  // namespace atlasjob::sqlite
