#include "store/sqlite/queries/search_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace atlasjob::sqlite {

namespace {

/// Matches are counted up to this number to choose a plan: about 5 ms.
constexpr std::int64_t kMaxCounted = 30'000;
/// Reading a job takes as long as adding this many seqs of an index to a set.
constexpr std::int64_t kSeqsPerJobRead = 8;
/// Jobs are read one by one if that fills a page within this many reads.
constexpr std::int64_t kReadsPerPage = 4'000;

constexpr const char* kCountMatches =
    "SELECT count(*) FROM (SELECT 1 FROM job_texts WHERE job_texts MATCH ?1 LIMIT ?2)";

/// A set of job seqs from a covering index that a match must be in, or must not be in.
struct SeqSet {
    bool excluded = false;  ///< Whether a match must not be in it.
    std::int64_t jobs = 0;  ///< Its size.
    std::string select;
    std::vector<Conditions::Value> values;
};

std::int64_t count_matches(Connection& connection, const SearchTerm& term) {
    Query query{connection, kCountMatches};
    return query.bind(term.phrase(), kMaxCounted).step() ? query.integer(0) : 0;
}

/// Whether the query has no conditions on jobs other than owners and statuses.
bool sets_suffice(const ResolvedQuery& resolved) {
    const ListQuery& query = resolved.query;
    return query.kinds.empty() && query.queues.empty() && !query.since && !query.until
           && resolved.not_kinds.empty();
}

std::string marks(std::size_t count) {
    std::string marks = "?";
    for (std::size_t i = 1; i < count; ++i)
        marks += ", ?";
    return marks;
}

void add_select(SeqSet& set, std::string_view select) {
    if (!set.select.empty()) set.select += " UNION ALL ";
    set.select += select;
}

/// Of `resolved` and its complement `rest` the one with fewer jobs.
const ResolvedQuery& smaller(
    Connection& connection, const ResolvedQuery& resolved, const ResolvedQuery& rest, SeqSet& set) {
    const std::int64_t included = count_without_labels(connection, resolved);
    const std::int64_t excluded = count_without_labels(connection, rest);
    set.excluded = excluded < included;
    set.jobs = std::min(included, excluded);
    return set.excluded ? rest : resolved;
}

SeqSet set_of_owners(Connection& connection, ResolvedQuery resolved) {
    resolved.query.statuses.clear();
    ResolvedQuery rest = resolved;
    rest.query.owners = load_owners(connection);
    std::erase_if(rest.query.owners, [&](const std::string& owner) {
        return std::ranges::find(resolved.query.owners, owner) != resolved.query.owners.end();
    });
    SeqSet set;
    const auto& owners = smaller(connection, resolved, rest, set).query.owners;
    add_select(
        set, fmt::format(
                 "SELECT seq FROM jobs INDEXED BY jobs_of_owner WHERE owner IN ({})",
                 marks(owners.size())));
    set.values.assign(owners.begin(), owners.end());
    return set;
}

void add_ended(SeqSet& set, Status status, const std::vector<std::string>& owners) {
    add_select(
        set, fmt::format(
                 "SELECT seq FROM jobs INDEXED BY jobs_ended WHERE status = '{}' "
                 "AND ended_at IS NOT NULL AND owner IN ({})",
                 to_string(status), marks(owners.size())));
    set.values.insert(set.values.end(), owners.begin(), owners.end());
}

SeqSet set_of_statuses(Connection& connection, const ResolvedQuery& resolved) {
    SeqSet set;
    const ResolvedQuery rest = of_other_statuses(resolved);
    for (const Status status : smaller(connection, resolved, rest, set).query.statuses) {
        if (is_terminal(status)) add_ended(set, status, resolved.query.owners);
        for (const StatusIndex& index : active_indexes(status))
            add_select(
                set, fmt::format(
                         "SELECT j.seq FROM jobs j INDEXED BY {} WHERE {}", index.name,
                         index.condition));
    }
    return set;
}

std::vector<SeqSet> sets_of(Connection& connection, const ResolvedQuery& resolved) {
    std::vector<SeqSet> sets;
    if (limits_statuses(resolved)) sets.push_back(set_of_statuses(connection, resolved));
    // The set of ended jobs is already limited to the owners.
    const bool of_owners = !sets.empty() && !sets[0].excluded
                           && std::ranges::all_of(resolved.query.statuses, is_terminal);
    if (!resolved.all_owners && !of_owners) sets.push_back(set_of_owners(connection, resolved));
    return sets;
}

void add_match_condition(AccessPath& path, const SearchTerm& term) {
    path.conditions.add(
        "d.job_texts MATCH ? AND +d.rowid NOT IN (SELECT job_seq FROM unindexed_texts)",
        {term.phrase()});
}

AccessPath matches_by_reading(const ResolvedQuery& resolved, const SearchTerm& term) {
    AccessPath path{"job_texts d", "d.rowid", job_conditions(resolved)};
    if (!path.conditions.empty())
        path.from += fmt::format(" CROSS JOIN {} ON j.seq = d.rowid", kJobsBySeq);
    add_match_condition(path, term);
    add_labels(path, resolved.query.labels);
    return path;
}

AccessPath matches_by_sets(
    const std::vector<SeqSet>& sets, const ResolvedQuery& resolved, const SearchTerm& term) {
    AccessPath path{"job_texts d", "d.rowid", {}};
    add_match_condition(path, term);
    for (const SeqSet& set : sets) {
        // The plus keeps the planner from iterating over the set and probing each text.
        path.conditions.add(
            fmt::format("+d.rowid {} ({})", set.excluded ? "NOT IN" : "IN", set.select),
            set.values);
    }
    add_labels(path, resolved.query.labels);
    return path;
}

}  // namespace

AccessPath indexed_matches(
    Connection& connection, const ResolvedQuery& resolved, const SearchTerm& term) {
    AccessPath by_reading = matches_by_reading(resolved, term);
    if (!sets_suffice(resolved)) return by_reading;
    const std::vector<SeqSet> sets = sets_of(connection, resolved);
    const std::int64_t seqs = std::accumulate(
        sets.begin(), sets.end(), std::int64_t{0},
        [](std::int64_t sum, const SeqSet& set) { return sum + set.jobs; });
    const std::int64_t matches = sets.empty() ? 0 : count_matches(connection, term);
    if (seqs >= matches * kSeqsPerJobRead) return by_reading;

    AccessPath by_sets = matches_by_sets(sets, resolved, term);
    by_sets.jobs = by_reading.jobs = count_jobs_of(connection, by_sets);
    const bool rare = *by_sets.jobs * kReadsPerPage < matches * resolved.query.limit;
    return rare ? by_sets : by_reading;
}

}  // namespace atlasjob::sqlite
