#include "store/sqlite/queries/search_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace atlasjob::sqlite {

namespace {

/// Hits are counted no further than this to choose a way to the jobs: some 5 ms.
constexpr std::int64_t kMany = 30'000;
/// Looking at a job takes as long as putting so many numbers of an index into a set.
constexpr std::int64_t kSetNumbersALook = 8;
/// A page is full after looking at so many hits, or else all are looked at.
constexpr std::int64_t kLooksAPage = 4'000;

constexpr const char* kCountHits =
    "SELECT count(*) FROM (SELECT 1 FROM job_texts WHERE job_texts MATCH ?1 LIMIT ?2)";

/// Numbers of jobs from an index that has all it takes: a hit is wanted when it is among them, or
/// when it is not.
struct SeqSet {
    bool excluded = false;
    std::int64_t jobs = 0;  ///< Of how many it consists.
    std::string select;
    std::vector<Conditions::Value> values;
};

std::int64_t count_hits(Connection& connection, const SearchTerm& needle) {
    Query query{connection, kCountHits};
    return query.bind(needle.phrase(), kMany).step() ? query.integer(0) : 0;
}

/// Nothing but owners and statuses is asked of the jobs.
bool sets_suffice(const ResolvedQuery& wanted) {
    const ListQuery& query = wanted.query;
    return query.kinds.empty() && query.queues.empty() && !query.since && !query.until
           && wanted.not_kinds.empty();
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

/// Of the two the one with fewer jobs; `rest` is what `wanted` leaves.
const ResolvedQuery& smaller(
    Connection& connection, const ResolvedQuery& wanted, const ResolvedQuery& rest, SeqSet& set) {
    const std::int64_t among = count_without_labels(connection, wanted);
    const std::int64_t left = count_without_labels(connection, rest);
    set.excluded = left < among;
    set.jobs = std::min(among, left);
    return set.excluded ? rest : wanted;
}

SeqSet set_of_owners(Connection& connection, ResolvedQuery wanted) {
    wanted.query.statuses.clear();
    ResolvedQuery rest = wanted;
    rest.query.owners = load_owners(connection);
    std::erase_if(rest.query.owners, [&](const std::string& owner) {
        return std::ranges::find(wanted.query.owners, owner) != wanted.query.owners.end();
    });
    SeqSet set;
    const auto& owners = smaller(connection, wanted, rest, set).query.owners;
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

SeqSet set_of_statuses(Connection& connection, const ResolvedQuery& wanted) {
    SeqSet set;
    const ResolvedQuery rest = of_other_statuses(wanted);
    for (const Status status : smaller(connection, wanted, rest, set).query.statuses) {
        if (is_terminal(status)) add_ended(set, status, wanted.query.owners);
        for (const StatusIndex& index : active_indexes(status))
            add_select(
                set, fmt::format(
                         "SELECT j.seq FROM jobs j INDEXED BY {} WHERE {}", index.name,
                         index.condition));
    }
    return set;
}

std::vector<SeqSet> sets_of(Connection& connection, const ResolvedQuery& wanted) {
    std::vector<SeqSet> sets;
    if (limits_statuses(wanted)) sets.push_back(set_of_statuses(connection, wanted));
    // Ended jobs come from an index of owners.
    const bool of_owners = !sets.empty() && !sets[0].excluded
                           && std::ranges::all_of(wanted.query.statuses, is_terminal);
    if (!wanted.all_owners && !of_owners) sets.push_back(set_of_owners(connection, wanted));
    return sets;
}

void add_match(AccessPath& source, const SearchTerm& needle) {
    source.conditions.add(
        "d.job_texts MATCH ? AND +d.rowid NOT IN (SELECT job_seq FROM unindexed_texts)",
        {needle.phrase()});
}

AccessPath hits_looked_at(const ResolvedQuery& wanted, const SearchTerm& needle) {
    AccessPath source{"job_texts d", "d.rowid", job_conditions(wanted)};
    if (!source.conditions.empty())
        source.from += fmt::format(" CROSS JOIN {} ON j.seq = d.rowid", kJobsByNumber);
    add_match(source, needle);
    add_labels(source, wanted.query.labels);
    return source;
}

AccessPath hits_in_sets(
    const std::vector<SeqSet>& sets, const ResolvedQuery& wanted, const SearchTerm& needle) {
    AccessPath source{"job_texts d", "d.rowid", {}};
    add_match(source, needle);
    for (const SeqSet& set : sets) {
        // The plus keeps the planner from walking through the set and asking for each text.
        source.conditions.add(
            fmt::format("+d.rowid {} ({})", set.excluded ? "NOT IN" : "IN", set.select),
            set.values);
    }
    add_labels(source, wanted.query.labels);
    return source;
}

}  // namespace

AccessPath indexed_matches(
    Connection& connection, const ResolvedQuery& wanted, const SearchTerm& needle) {
    AccessPath looked_at = hits_looked_at(wanted, needle);
    if (!sets_suffice(wanted)) return looked_at;
    const std::vector<SeqSet> sets = sets_of(connection, wanted);
    const std::int64_t numbers = std::accumulate(
        sets.begin(), sets.end(), std::int64_t{0},
        [](std::int64_t sum, const SeqSet& set) { return sum + set.jobs; });
    const std::int64_t hits = sets.empty() ? 0 : count_hits(connection, needle);
    if (numbers >= hits * kSetNumbersALook) return looked_at;

    AccessPath in_sets = hits_in_sets(sets, wanted, needle);
    in_sets.jobs = looked_at.jobs = count_jobs_of(connection, in_sets);
    const bool rare = *in_sets.jobs * kLooksAPage < hits * wanted.query.limit;
    return rare ? in_sets : looked_at;
}

}  // namespace atlasjob::sqlite
