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

/// `index`, joined with the jobs if there are conditions on them.
std::string join_jobs(std::string_view index, std::string_view seq, const Conditions& conditions) {
    if (conditions.empty()) return std::string{index};
    return fmt::format("{} CROSS JOIN {} ON j.seq = {}", index, kJobsBySeq, seq);
}

struct RarestLabel {
    const Label* label;
    std::int64_t jobs;
};

/// The label of the query that the fewest jobs have; the query must have a label.
RarestLabel rarest_label(Connection& connection, const ResolvedQuery& resolved) {
    const Label& first = resolved.query.labels.front();
    RarestLabel rarest{&first, count_labelled(connection, resolved, first)};
    for (const Label& label : std::span{resolved.query.labels}.subspan(1)) {
        const std::int64_t jobs = count_labelled(connection, resolved, label);
        if (jobs < rarest.jobs) rarest = {&label, jobs};
    }
    return rarest;
}

AccessPath labelled_jobs(const ResolvedQuery& resolved, const Label& label) {
    AccessPath path{{}, "d.job_seq", job_conditions(resolved)};
    path.from = join_jobs("labels d", path.seq, path.conditions);
    path.conditions.add("d.key = ? AND d.value = ?", {label.key, label.value});
    add_labels(path, resolved.query.labels, &label);
    return path;
}

/// The jobs that also meet `condition`, found through `index`.
AccessPath jobs_by_index(
    const ResolvedQuery& resolved,
    std::string_view index,
    std::string_view condition,
    std::vector<Conditions::Value> values = {}) {
    AccessPath path = all_jobs(resolved);
    path.from = fmt::format("jobs j INDEXED BY {}", index);
    path.conditions.add(condition, std::move(values));
    return path;
}

void add_ended(ResolvedQuery resolved, Status status, std::vector<AccessPath>& paths) {
    const std::vector<std::string> owners = std::move(resolved.query.owners);
    resolved.query.owners.clear();
    const std::string condition = fmt::format(
        "j.status = '{}' AND j.ended_at IS NOT NULL AND j.owner = ?", to_string(status));
    for (const std::string& owner : owners)
        paths.push_back(jobs_by_index(resolved, "jobs_ended", condition, {owner}));
}

std::vector<AccessPath> jobs_by_status(ResolvedQuery resolved) {
    const std::vector<Status> statuses = std::move(resolved.query.statuses);
    resolved.query.statuses.clear();
    std::vector<AccessPath> paths;
    for (const Status status : kStatuses) {
        if (!contains(statuses, status)) continue;
        if (is_terminal(status)) add_ended(resolved, status, paths);
        for (const StatusIndex& index : active_indexes(status))
            paths.push_back(jobs_by_index(resolved, index.name, index.condition));
    }
    return paths;
}

/// The index of owners is in the order of seq and covers every condition used here.
std::vector<AccessPath> jobs_by_owner(const ResolvedQuery& resolved) {
    std::vector<AccessPath> paths;
    for (const std::string& owner : resolved.query.owners) {
        ResolvedQuery of_owner = resolved;
        of_owner.query.owners = {owner};
        of_owner.all_owners = false;
        paths.push_back(all_jobs(of_owner));
        paths.back().from = "jobs j INDEXED BY jobs_of_owner";
    }
    return paths;
}

std::vector<AccessPath> uncounted_paths(Connection& connection, const ResolvedQuery& resolved) {
    const bool by_status = limits_statuses(resolved);
    if (!resolved.query.labels.empty()) {
        const RarestLabel rarest = rarest_label(connection, resolved);
        if (!by_status || rarest.jobs <= count_without_labels(connection, resolved))
            return {labelled_jobs(resolved, *rarest.label)};
    }
    return by_status ? jobs_by_status(resolved) : jobs_by_owner(resolved);
}

/// Counts the jobs with this label in the requested statuses as all with the label minus those in
/// other statuses; nullopt if there are too many of the latter.
std::optional<std::int64_t> count_by_subtraction(
    Connection& connection, const ResolvedQuery& resolved, const Label& label) {
    const std::int64_t labelled = count_labelled(connection, resolved, label);
    const ResolvedQuery others = of_other_statuses(resolved);
    const std::int64_t rest = count_without_labels(connection, others);
    if (rest >= std::min(labelled, count_without_labels(connection, resolved))) return {};
    std::int64_t count = labelled;
    for (const AccessPath& path : jobs_by_status(others))
        count -= count_jobs_of(connection, path);
    return count;
}

/// The number of matching jobs according to the counters; nullopt if the query has conditions that
/// they do not cover.
std::optional<std::int64_t> known_count(Connection& connection, const ResolvedQuery& resolved) {
    const ListQuery& query = resolved.query;
    if (query.since || query.until || !resolved.not_kinds.empty()) return {};
    if (query.labels.empty()) return count_without_labels(connection, resolved);
    if (query.labels.size() > 1 || !query.kinds.empty() || !query.queues.empty()) return {};
    const Label& label = query.labels.front();
    if (limits_statuses(resolved)) return count_by_subtraction(connection, resolved, label);
    return count_labelled(connection, resolved, label);
}

std::vector<AccessPath> paths_without_search(
    Connection& connection, const ResolvedQuery& resolved) {
    std::vector<AccessPath> paths = uncounted_paths(connection, resolved);
    const auto jobs = known_count(connection, resolved);
    if (!jobs) return paths;
    for (AccessPath& path : paths)
        path.jobs = 0;
    if (*jobs == 0) return {};
    paths.front().jobs = jobs;
    return paths;
}

AccessPath jobs_by_seqs(const ResolvedQuery& resolved, const std::vector<std::int64_t>& seqs) {
    AccessPath path = all_jobs(resolved);
    path.conditions.add(
        "j.seq IN (SELECT value FROM json_each(?))", {fmt::format("[{}]", fmt::join(seqs, ","))});
    return path;
}

/// The query limited to `kinds`; nullopt if it asks for other kinds or there are no such jobs.
std::optional<ResolvedQuery> limit_to_kinds(
    Connection& connection, ResolvedQuery resolved, const std::vector<std::string>& kinds) {
    auto& queried = resolved.query.kinds;
    if (queried.empty()) queried = kinds;
    std::erase_if(queried, [&](const std::string& kind) { return !contains(kinds, kind); });
    if (queried.empty() || count_without_labels(connection, resolved) == 0) return {};
    return resolved;
}

void add_matches(
    Connection& connection,
    const ResolvedQuery& resolved,
    const SearchTerm& term,
    std::vector<AccessPath>& paths) {
    if (term.is_indexed()) paths.push_back(indexed_matches(connection, resolved, term));
    const auto seqs = unindexed_matches(connection, term);
    if (!seqs.empty()) paths.push_back(jobs_by_seqs(resolved, seqs));
}

std::vector<AccessPath> search_paths(Connection& connection, const ResolvedQuery& resolved) {
    const SearchTerm term{*resolved.query.search};
    const Kinds kinds = match_kinds(connection, term);
    std::vector<AccessPath> paths;
    if (limit_to_kinds(connection, resolved, kinds.others)) {
        ResolvedQuery by_text = resolved;
        by_text.not_kinds = kinds.matching;
        add_matches(connection, by_text, term, paths);
    }
    if (auto by_kind = limit_to_kinds(connection, resolved, kinds.matching)) {
        by_kind->query.search.reset();
        std::ranges::move(paths_without_search(connection, *by_kind), std::back_inserter(paths));
    }
    return paths;
}

}  // namespace

std::span<const StatusIndex> active_indexes(Status status) {
    if (status == Status::queued) return kQueued;
    if (status == Status::running) return kRunning;
    return {};
}

void add_labels(AccessPath& path, const std::vector<Label>& labels, const Label* except) {
    for (const Label& label : labels) {
        if (&label == except) continue;
        path.conditions.add(
            fmt::format(
                "EXISTS (SELECT 1 FROM labels l WHERE l.job_seq = {} AND l.key = ? AND l.value = "
                "?)",
                path.seq),
            {label.key, label.value});
    }
}

std::int64_t count_jobs_of(Connection& connection, const AccessPath& path) {
    Query query{
        connection, connection.intern(fmt::format(
                        "SELECT count(*) FROM {}{}", path.from, path.conditions.text()))};
    path.conditions.bind_to(query);
    return query.step() ? query.integer(0) : 0;
}

AccessPath all_jobs(const ResolvedQuery& resolved) {
    AccessPath path{kJobsBySeq, "j.seq", job_conditions(resolved)};
    add_labels(path, resolved.query.labels);
    return path;
}

std::vector<AccessPath> access_paths(Connection& connection, const ResolvedQuery& resolved) {
    return resolved.query.search ? search_paths(connection, resolved)
                                 : paths_without_search(connection, resolved);
}

}  // namespace atlasjob::sqlite
