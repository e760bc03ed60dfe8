#pragma once

#include "store/sqlite/queries/resolved_query.h"

#include <span>
#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// Jobs found by their number, and by that alone. With an index of more columns SQLite 3.40 gives
/// rows that are not wanted, once it has statistics: after a list (IN) it forgets an upper bound
/// (OP_SeekScan).
inline constexpr const char* kJobsByNumber = "jobs j NOT INDEXED";

/// Where a list finds jobs: rows that one index leads to, and what else must be true of them.
struct AccessPath {
    std::string from;  ///< What follows FROM.
    std::string seq;   ///< The column that holds the job's number.
    Conditions conditions;
    std::optional<std::int64_t> jobs{};  ///< How many it has, where that is known.
};

/// Ways to all jobs that are wanted, none of them twice. Each is as short as what exists allows:
/// the rarest label, the index of a status, else the jobs themselves.
std::vector<AccessPath> access_paths(Connection& connection, const ResolvedQuery& wanted);
/// The jobs themselves, looked at one by one.
AccessPath all_jobs(const ResolvedQuery& wanted);
/// Asks for these labels, but not for the one that led here.
void add_labels(AccessPath& source, const std::vector<Label>& labels, const Label* but = nullptr);
/// Looks at each.
std::int64_t count_jobs_of(Connection& connection, const AccessPath& source);

/// An index of jobs, and the condition that makes it one.
struct StatusIndex {
    const char* name;
    const char* condition;
};
/// Those that together have all jobs of a status that is not terminal, and none twice.
std::span<const StatusIndex> active_indexes(Status status);

}  // namespace atlasjob::sqlite
