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

constexpr const char* kCountMatches = R"sql(
    SELECT count(*) AS jobs
    FROM (SELECT 1 FROM job_texts WHERE job_texts MATCH :phrase LIMIT :limit)
)sql";

constexpr Source kTexts{"job_texts d", "d.rowid", false};

constexpr const char* kMatches = R"sql(d.job_texts MATCH {}
      AND +d.rowid NOT IN (SELECT job_seq FROM unindexed_texts))sql";
// The plus keeps the planner from iterating over the set and probing each text.
constexpr const char* kInSet = R"sql(+d.rowid {} ({}))sql";

constexpr const char* kSeqsOfOwners = R"sql(
          SELECT seq
          FROM jobs INDEXED BY jobs_of_owner
          WHERE owner IN ({}))sql";
constexpr const char* kEndedSeqs = R"sql(
          SELECT seq
          FROM jobs INDEXED BY jobs_ended
          WHERE status = '{}'
            AND ended_at IS NOT NULL
            AND owner IN ({}))sql";
constexpr const char* kActiveSeqs = R"sql(
          SELECT {}
          FROM {}
          WHERE {})sql";
constexpr const char* kOr = R"sql(
          UNION ALL)sql";

/// A set of job seqs from covering indexes that a match must be in, or must not be in.
struct SeqSet {
    bool excluded = false;              ///< Whether a match must not be in it.
    std::int64_t jobs = 0;              ///< Its size.
    std::vector<Status> statuses{};     ///< Empty: every status.
    std::vector<std::string> owners{};  ///< Of jobs that have ended, or of every status.
};

std::int64_t count_matches(Connection& connection, const SearchTerm& term) {
    Query query{connection, kCountMatches};
    query.bind("phrase", term.phrase()).bind("limit", kMaxCounted);
    return query.step() ? query.integer("jobs") : 0;
}

/// Whether the filter has no conditions on jobs other than owners and statuses.
bool sets_suffice(const ResolvedFilter& resolved) {
    const JobFilter& filter = resolved.filter;
    return filter.kinds.empty() && filter.queues.empty() && filter.sessions.empty() && !filter.since
           && !filter.until && resolved.not_kinds.empty();
}

/// Of `resolved` and its complement `rest` the one with fewer jobs.
const ResolvedFilter& smaller(
    Connection& connection,
    const ResolvedFilter& resolved,
    const ResolvedFilter& rest,
    SeqSet& set) {
    const std::int64_t included = count_without_labels(connection, resolved);
    const std::int64_t excluded = count_without_labels(connection, rest);
    set.excluded = excluded < included;
    set.jobs = std::min(included, excluded);
    return set.excluded ? rest : resolved;
}

SeqSet set_of_owners(Connection& connection, ResolvedFilter resolved) {
    resolved.filter.statuses.clear();
    ResolvedFilter rest = resolved;
    rest.filter.owners = load_owners(connection);
    std::erase_if(rest.filter.owners, [&](const std::string& owner) {
        return std::ranges::find(resolved.filter.owners, owner) != resolved.filter.owners.end();
    });
    SeqSet set;
    set.owners = smaller(connection, resolved, rest, set).filter.owners;
    return set;
}

SeqSet set_of_statuses(Connection& connection, const ResolvedFilter& resolved) {
    SeqSet set;
    const ResolvedFilter rest = of_other_statuses(resolved);
    set.statuses = smaller(connection, resolved, rest, set).filter.statuses;
    set.owners = resolved.filter.owners;
    return set;
}

std::vector<SeqSet> sets_of(Connection& connection, const ResolvedFilter& resolved) {
    std::vector<SeqSet> sets;
    if (limits_statuses(resolved)) sets.push_back(set_of_statuses(connection, resolved));
    // The set of ended jobs is already limited to the owners.
    const bool of_owners = !sets.empty() && !sets[0].excluded
                           && std::ranges::all_of(resolved.filter.statuses, is_terminal);
    if (!resolved.all_owners && !of_owners) sets.push_back(set_of_owners(connection, resolved));
    return sets;
}

/// The statement that selects the seqs of `set`. Its parameters go to `conditions`.
std::string select_of(const SeqSet& set, Conditions& conditions) {
    if (set.statuses.empty()) return fmt::format(kSeqsOfOwners, conditions.parameters(set.owners));
    std::vector<std::string> selects;
    for (const Status status : set.statuses) {
        if (is_terminal(status)) {
            const std::string owners = conditions.parameters(set.owners);
            selects.push_back(fmt::format(kEndedSeqs, to_string(status), owners));
        }
        for (const StatusIndex& index : active_indexes(status)) {
            selects.push_back(
                fmt::format(kActiveSeqs, index.source.seq, index.source.from, index.condition));
        }
    }
    return fmt::format("{}", fmt::join(selects, kOr));
}

void add_match_condition(AccessPath& path, const SearchTerm& term) {
    path.conditions.add(fmt::format(kMatches, path.conditions.parameter(term.phrase())));
}

AccessPath matches_by_reading(const ResolvedFilter& resolved, const SearchTerm& term) {
    AccessPath path{kTexts, job_conditions(resolved)};
    path.needs_jobs = !path.conditions.empty();
    add_match_condition(path, term);
    add_labels(path, resolved.filter.labels);
    return path;
}

AccessPath matches_by_sets(
    const std::vector<SeqSet>& sets, const ResolvedFilter& resolved, const SearchTerm& term) {
    AccessPath path{kTexts, {}};
    add_match_condition(path, term);
    for (const SeqSet& set : sets) {
        const std::string seqs = select_of(set, path.conditions);
        path.conditions.add(fmt::format(kInSet, set.excluded ? "NOT IN" : "IN", seqs));
    }
    add_labels(path, resolved.filter.labels);
    return path;
}

}  // namespace

AccessPath indexed_matches(
    Connection& connection, const ResolvedFilter& resolved, const SearchTerm& term) {
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
    const bool rare = *by_sets.jobs * kReadsPerPage < matches * resolved.wanted;
    return rare ? by_sets : by_reading;
}

}  // namespace atlasjob::sqlite
