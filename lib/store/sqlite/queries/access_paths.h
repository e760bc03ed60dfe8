#pragma once

#include "store/sqlite/queries/resolved_query.h"

#include <span>
#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// Looks up jobs by seq alone. Given an index with more columns, SQLite 3.40 returns wrong rows
/// once ANALYZE has been run: after `kind IN (…)` it ignores an upper bound such as `created_at <
/// …` (OP_SeekScan).
inline constexpr const char* kJobsBySeq = "jobs j NOT INDEXED";

/// One way to find jobs: the rows of one index, and the conditions that they must meet. Every index
/// is named (INDEXED BY): without statistics the planner would walk a million rows instead.
struct AccessPath {
    std::string from;  ///< What follows FROM.
    std::string seq;   ///< The column that holds the job's seq.
    Conditions conditions;
    std::optional<std::int64_t> jobs{};  ///< The number of jobs found, if known from counters.
};

/// Paths that together find every matching job exactly once, each as short as the indexes allow:
/// the rarest label, the partial indexes of a status, jobs_of_owner (which covers kind, queue and
/// created_at), the full-text index, or else all jobs.
std::vector<AccessPath> access_paths(Connection& connection, const ResolvedQuery& resolved);
/// Reads all jobs one by one.
AccessPath all_jobs(const ResolvedQuery& resolved);
/// Requires these labels, except the one that the path already starts from.
void add_labels(AccessPath& path, const std::vector<Label>& labels, const Label* except = nullptr);
/// Counts by reading every row of the path.
std::int64_t count_jobs_of(Connection& connection, const AccessPath& path);

/// A partial index of jobs, and its condition.
struct StatusIndex {
    const char* name;
    const char* condition;
};
/// The indexes that together hold every job of a status exactly once; empty for terminal statuses.
std::span<const StatusIndex> active_indexes(Status status);

}  // namespace atlasjob::sqlite
