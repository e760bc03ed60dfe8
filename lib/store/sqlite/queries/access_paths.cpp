#include "store/sqlite/queries/access_paths.h"

#include "store/sqlite/queries/search_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace atlasjob::sqlite {

namespace {

constexpr std::array kQueued = {
    StatusIndex{"jobs_to_claim", "j.ready = 1"},
    StatusIndex{
        "jobs_delayed",
        "j.status = 'queued' AND j.has_command = 1 AND j.ready = 0 AND j.open_dependencies = 0 "
        "AND j.held = 0"},
    StatusIndex{
        "jobs_blocked",
        "j.status = 'queued' AND j.has_command = 1 AND j.open_dependencies > 0 AND j.held = 0"},
    StatusIndex{"jobs_held", "j.status = 'queued' AND j.held = 1 AND j.has_command = 1"},
    StatusIndex{"jobs_to_start", "j.status = 'queued' AND j.has_command = 0"},
};
constexpr std::array kRunning = {StatusIndex{"jobs_running", "j.status = 'running'"}};

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != range.end();
}

/// The job that a row of `index` leads to, where something is asked of the job itself.
std::string joined(std::string_view index, std::string_view seq, const Conditions& conditions) {
    if (conditions.empty()) return std::string{index};
    return fmt::format("{} CROSS JOIN {} ON j.seq = {}", index, kJobsByNumber, seq);
}

struct RarestLabel {
    const Label* label;
    std::int64_t jobs;
};

/// Of the labels that are wanted; there must be one.
RarestLabel rarest_label(Connection& connection, const ResolvedQuery& wanted) {
    const Label& first = wanted.query.labels.front();
    RarestLabel rarest{&first, count_labelled(connection, wanted, first)};
    for (const Label& label : std::span{wanted.query.labels}.subspan(1)) {
        const std::int64_t jobs = count_labelled(connection, wanted, label);
        if (jobs < rarest.jobs) rarest = {&label, jobs};
    }
    return rarest;
}

AccessPath labelled_jobs(const ResolvedQuery& wanted, const Label& label) {
    AccessPath source{{}, "d.job_seq", job_conditions(wanted)};
    source.from = joined("labels d", source.seq, source.conditions);
    source.conditions.add("d.key = ? AND d.value = ?", {label.key, label.value});
    add_labels(source, wanted.query.labels, &label);
    return source;
}

/// Jobs that also pass `condition`, found through `index`.
AccessPath jobs_by_index(
    const ResolvedQuery& wanted,
    std::string_view index,
    std::string_view condition,
    std::vector<Conditions::Value> values = {}) {
    AccessPath source = all_jobs(wanted);
    source.from = fmt::format("jobs j INDEXED BY {}", index);
    source.conditions.add(condition, std::move(values));
    return source;
}

void add_ended(ResolvedQuery wanted, Status status, std::vector<AccessPath>& sources) {
    const std::vector<std::string> owners = std::move(wanted.query.owners);
    wanted.query.owners.clear();
    const std::string condition = fmt::format(
        "j.status = '{}' AND j.ended_at IS NOT NULL AND j.owner = ?", to_string(status));
    for (const std::string& owner : owners)
        sources.push_back(jobs_by_index(wanted, "jobs_ended", condition, {owner}));
}

std::vector<AccessPath> jobs_by_status(ResolvedQuery wanted) {
    const std::vector<Status> statuses = std::move(wanted.query.statuses);
    wanted.query.statuses.clear();
    std::vector<AccessPath> sources;
    for (const Status status : kStatuses) {
        if (!contains(statuses, status)) continue;
        if (is_terminal(status)) add_ended(wanted, status, sources);
        for (const StatusIndex& index : active_indexes(status))
            sources.push_back(jobs_by_index(wanted, index.name, index.condition));
    }
    return sources;
}

/// The index of owners has them in order, and all that is asked of them here.
std::vector<AccessPath> jobs_by_owner(const ResolvedQuery& wanted) {
    std::vector<AccessPath> sources;
    for (const std::string& owner : wanted.query.owners) {
        ResolvedQuery of_owner = wanted;
        of_owner.query.owners = {owner};
        of_owner.all_owners = false;
        sources.push_back(all_jobs(of_owner));
        sources.back().from = "jobs j INDEXED BY jobs_of_owner";
    }
    return sources;
}

std::vector<AccessPath> ways_without_search(Connection& connection, const ResolvedQuery& wanted) {
    const bool by_status = limits_statuses(wanted);
    if (!wanted.query.labels.empty()) {
        const RarestLabel rarest = rarest_label(connection, wanted);
        if (!by_status || rarest.jobs <= count_without_labels(connection, wanted))
            return {labelled_jobs(wanted, *rarest.label)};
    }
    return by_status ? jobs_by_status(wanted) : jobs_by_owner(wanted);
}

/// Of the jobs with this label those of the wanted statuses: all but the others, where these are
/// few.
std::optional<std::int64_t> count_but_others(
    Connection& connection, const ResolvedQuery& wanted, const Label& label) {
    const std::int64_t labelled = count_labelled(connection, wanted, label);
    const ResolvedQuery others = of_other_statuses(wanted);
    const std::int64_t rest = count_without_labels(connection, others);
    if (rest >= std::min(labelled, count_without_labels(connection, wanted))) return {};
    std::int64_t count = labelled;
    for (const AccessPath& source : jobs_by_status(others))
        count -= count_jobs_of(connection, source);
    return count;
}

/// What counters know of it: nothing, where it is limited by what they do not count.
std::optional<std::int64_t> known_count(Connection& connection, const ResolvedQuery& wanted) {
    const ListQuery& query = wanted.query;
    if (query.since || query.until || !wanted.not_kinds.empty()) return {};
    if (query.labels.empty()) return count_without_labels(connection, wanted);
    if (query.labels.size() > 1 || !query.kinds.empty() || !query.queues.empty()) return {};
    const Label& label = query.labels.front();
    if (limits_statuses(wanted)) return count_but_others(connection, wanted, label);
    return count_labelled(connection, wanted, label);
}

std::vector<AccessPath> sources_without_search(
    Connection& connection, const ResolvedQuery& wanted) {
    std::vector<AccessPath> sources = ways_without_search(connection, wanted);
    const auto jobs = known_count(connection, wanted);
    if (!jobs) return sources;
    for (AccessPath& source : sources)
        source.jobs = 0;
    if (*jobs == 0) return {};
    sources.front().jobs = jobs;
    return sources;
}

AccessPath read_matches(const ResolvedQuery& wanted, const std::vector<std::int64_t>& seqs) {
    AccessPath source = all_jobs(wanted);
    source.conditions.add(
        "j.seq IN (SELECT value FROM json_each(?))", {fmt::format("[{}]", fmt::join(seqs, ","))});
    return source;
}

/// The same of these kinds only; nothing: none of them is wanted, or there are no such jobs.
std::optional<ResolvedQuery> of_kinds(
    Connection& connection, ResolvedQuery wanted, const std::vector<std::string>& kinds) {
    auto& of = wanted.query.kinds;
    if (of.empty()) of = kinds;
    std::erase_if(of, [&](const std::string& kind) { return !contains(kinds, kind); });
    if (of.empty() || count_without_labels(connection, wanted) == 0) return {};
    return wanted;
}

void add_matches(
    Connection& connection,
    const ResolvedQuery& wanted,
    const SearchTerm& needle,
    std::vector<AccessPath>& sources) {
    if (needle.is_indexed()) sources.push_back(indexed_matches(connection, wanted, needle));
    const auto seqs = read_matches(connection, needle);
    if (!seqs.empty()) sources.push_back(read_matches(wanted, seqs));
}

std::vector<AccessPath> sources_of_search(Connection& connection, const ResolvedQuery& wanted) {
    const SearchTerm needle{*wanted.query.search};
    const Kinds kinds = kinds_by(connection, needle);
    std::vector<AccessPath> sources;
    if (of_kinds(connection, wanted, kinds.others)) {
        ResolvedQuery by_text = wanted;
        by_text.not_kinds = kinds.matching;
        add_matches(connection, by_text, needle, sources);
    }
    if (auto by_kind = of_kinds(connection, wanted, kinds.matching)) {
        by_kind->query.search.reset();
        std::ranges::move(
            sources_without_search(connection, *by_kind), std::back_inserter(sources));
    }
    return sources;
}

}  // namespace

std::span<const StatusIndex> active_indexes(Status status) {
    if (status == Status::queued) return kQueued;
    if (status == Status::running) return kRunning;
    return {};
}

void add_labels(AccessPath& source, const std::vector<Label>& labels, const Label* but) {
    for (const Label& label : labels) {
        if (&label == but) continue;
        source.conditions.add(
            fmt::format(
                "EXISTS (SELECT 1 FROM labels l WHERE l.job_seq = {} AND l.key = ? AND l.value = "
                "?)",
                source.seq),
            {label.key, label.value});
    }
}

std::int64_t count_jobs_of(Connection& connection, const AccessPath& source) {
    Query query{
        connection, connection.intern(fmt::format(
                        "SELECT count(*) FROM {}{}", source.from, source.conditions.text()))};
    source.conditions.bind_to(query);
    return query.step() ? query.integer(0) : 0;
}

AccessPath all_jobs(const ResolvedQuery& wanted) {
    AccessPath source{kJobsByNumber, "j.seq", job_conditions(wanted)};
    add_labels(source, wanted.query.labels);
    return source;
}

std::vector<AccessPath> access_paths(Connection& connection, const ResolvedQuery& wanted) {
    return wanted.query.search ? sources_of_search(connection, wanted)
                               : sources_without_search(connection, wanted);
}

}  // namespace atlasjob::sqlite
