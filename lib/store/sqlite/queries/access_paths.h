#pragma once

#include "store/sqlite/queries/resolved_filter.h"

#include <span>
#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// A table in which jobs are found, through one index of it. Every index is named (INDEXED BY):
/// without statistics the planner would walk a million rows instead.
struct Source {
    std::string_view from;         ///< What follows FROM.
    std::string_view seq;          ///< The column that holds the job's seq.
    bool has_jobs = true;          ///< Whether it is `jobs j`.
    bool in_order_of_seq = false;  ///< Whether the rows that meet a path's conditions come so.
};

/// Looks up jobs by seq alone. Given an index with more columns, SQLite 3.40 returns wrong rows
/// once ANALYZE has been run: after `kind IN (…)` it ignores an upper bound such as `created_at <
/// …` (OP_SeekScan).
inline constexpr Source kJobsBySeq{"jobs j NOT INDEXED", "j.seq", true, true};

/// One way to find jobs: the rows of a source, and the conditions that they must meet.
struct AccessPath {
    Source source;
    Conditions conditions;
    bool needs_jobs = false;             ///< Whether a condition is on `jobs j`.
    std::optional<std::int64_t> jobs{};  ///< The number of jobs found, if known from counters.

    /// What follows FROM: the source, joined with the jobs if they are needed, here or by the
    /// caller.
    std::string from(bool with_jobs = false) const;
};

/// Paths that together find every matching job exactly once, each as short as the indexes allow:
/// the sessions, the rarest label, the partial indexes of a status, jobs_of_owner (which covers
/// kind, queue and created_at), the full-text index, or else all jobs.
std::vector<AccessPath> access_paths(Connection& connection, const ResolvedFilter& resolved);
/// The seqs of all jobs that match `filter` and that `principal` may see, ascending.
std::vector<std::int64_t> seqs_of(
    Connection& connection, const JobFilter& filter, const Principal& principal);
/// The jobs of a source of jobs, which reads all of them one by one unless given.
AccessPath all_jobs(const ResolvedFilter& resolved, const Source& source = kJobsBySeq);
/// Requires these labels, except the one that the path already starts from.
void add_labels(AccessPath& path, const std::vector<Label>& labels, const Label* except = nullptr);
/// Counts by reading every row of the path.
std::int64_t count_jobs_of(Connection& connection, const AccessPath& path);

/// A partial index of jobs, and its condition.
struct StatusIndex {
    Source source;
    const char* condition;
};
/// The indexes that together hold every job of a status exactly once; empty for terminal statuses.
std::span<const StatusIndex> active_indexes(Status status);

}  // namespace atlasjob::sqlite
