#include "store/sqlite/queries/access_paths.h"

#include "store/sqlite/queries/search_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace atlasjob::sqlite {

namespace {

constexpr Source kLabels{"labels d", "d.job_seq", false, true};
/// In the order of seq for one owner; covers every condition used here.
constexpr Source kJobsOfOwner{"jobs j INDEXED BY jobs_of_owner", "j.seq", true, true};
/// In the order of seq for one session.
constexpr Source kJobsOfSession{"jobs j INDEXED BY jobs_of_session", "j.seq", true, true};
constexpr Source kEndedJobs{"jobs j INDEXED BY jobs_ended", "j.seq"};

constexpr std::array kQueued = {
    StatusIndex{{"jobs j INDEXED BY jobs_to_claim", "j.seq"}, "j.ready = 1"},
    StatusIndex{
        {"jobs j INDEXED BY jobs_delayed", "j.seq"},
        R"sql(j.status = 'queued' AND j.has_command = 1 AND j.ready = 0
          AND j.open_dependencies = 0 AND j.held = 0)sql"},
    StatusIndex{
        {"jobs j INDEXED BY jobs_blocked", "j.seq"},
        R"sql(j.status = 'queued' AND j.has_command = 1 AND j.open_dependencies > 0
          AND j.held = 0)sql"},
    StatusIndex{
        {"jobs j INDEXED BY jobs_held", "j.seq"},
        R"sql(j.status = 'queued' AND j.held = 1 AND j.has_command = 1)sql"},
    StatusIndex{
        {"jobs j INDEXED BY jobs_to_start", "j.seq"},
        R"sql(j.status = 'queued' AND j.has_command = 0)sql"},
};
constexpr std::array kRunning = {
    StatusIndex{{"jobs j INDEXED BY jobs_running", "j.seq"}, "j.status = 'running'"}};

constexpr const char* kHasLabel = R"sql(EXISTS (
              SELECT 1
              FROM labels l
              WHERE l.job_seq = {}
                AND l.key = {}
                AND l.value = {}
          ))sql";
constexpr const char* kEnded =
    R"sql(j.status = '{}' AND j.ended_at IS NOT NULL AND j.owner = {})sql";
constexpr const char* kSeqIn = R"sql(j.seq IN (SELECT value FROM json_each({})))sql";

constexpr const char* kCount = R"sql(
    SELECT count(*) AS jobs
    FROM {}
    {}
)sql";
constexpr const char* kSeqs = R"sql(
    SELECT {} AS seq
    FROM {}
    {}
)sql";

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != range.end();
}

struct RarestLabel {
    const Label* label;
    std::int64_t jobs;
};

/// The label of the filter that the fewest jobs have; the filter must have a label.
RarestLabel rarest_label(Connection& connection, const ResolvedFilter& resolved) {
    const Label& first = resolved.filter.labels.front();
    RarestLabel rarest{&first, count_labelled(connection, resolved, first)};
    for (const Label& label : std::span{resolved.filter.labels}.subspan(1)) {
        const std::int64_t jobs = count_labelled(connection, resolved, label);
        if (jobs < rarest.jobs) rarest = {&label, jobs};
    }
    return rarest;
}

AccessPath labelled_jobs(const ResolvedFilter& resolved, const Label& label) {
    AccessPath path{kLabels, job_conditions(resolved)};
    path.needs_jobs = !path.conditions.empty();
    path.conditions.add("d.key = " + path.conditions.parameter(label.key));
    path.conditions.add("d.value = " + path.conditions.parameter(label.value));
    add_labels(path, resolved.filter.labels, &label);
    return path;
}

void add_ended(ResolvedFilter resolved, Status status, std::vector<AccessPath>& paths) {
    const std::vector<std::string> owners = std::move(resolved.filter.owners);
    resolved.filter.owners.clear();
    for (const std::string& owner : owners) {
        AccessPath path = all_jobs(resolved, kEndedJobs);
        path.conditions.add(
            fmt::format(kEnded, to_string(status), path.conditions.parameter(owner)));
        paths.push_back(std::move(path));
    }
}

std::vector<AccessPath> jobs_by_status(ResolvedFilter resolved) {
    const std::vector<Status> statuses = std::move(resolved.filter.statuses);
    resolved.filter.statuses.clear();
    std::vector<AccessPath> paths;
    for (const Status status : kStatuses) {
        if (!contains(statuses, status)) continue;
        if (is_terminal(status)) add_ended(resolved, status, paths);
        for (const StatusIndex& index : active_indexes(status)) {
            paths.push_back(all_jobs(resolved, index.source));
            paths.back().conditions.add(index.condition);
        }
    }
    return paths;
}

std::vector<AccessPath> jobs_by_owner(const ResolvedFilter& resolved) {
    std::vector<AccessPath> paths;
    for (const std::string& owner : resolved.filter.owners) {
        ResolvedFilter of_owner = resolved;
        of_owner.filter.owners = {owner};
        of_owner.all_owners = false;
        paths.push_back(all_jobs(of_owner, kJobsOfOwner));
    }
    return paths;
}

/// One path per session, because each is short and in the order of seq.
std::vector<AccessPath> jobs_by_session(ResolvedFilter resolved) {
    const std::vector<std::string> sessions = std::move(resolved.filter.sessions);
    resolved.filter.sessions.clear();
    std::vector<AccessPath> paths;
    for (const std::string& session : sessions) {
        paths.push_back(all_jobs(resolved, kJobsOfSession));
        Conditions& conditions = paths.back().conditions;
        conditions.add("j.session = " + conditions.parameter(session));
    }
    return paths;
}

std::vector<AccessPath> uncounted_paths(Connection& connection, const ResolvedFilter& resolved) {
    if (!resolved.filter.sessions.empty()) return jobs_by_session(resolved);
    const bool by_status = limits_statuses(resolved);
    if (!resolved.filter.labels.empty()) {
        const RarestLabel rarest = rarest_label(connection, resolved);
        if (!by_status || rarest.jobs <= count_without_labels(connection, resolved))
            return {labelled_jobs(resolved, *rarest.label)};
    }
    return by_status ? jobs_by_status(resolved) : jobs_by_owner(resolved);
}

/// Counts the jobs with this label in the requested statuses as all with the label minus those in
/// other statuses; nullopt if there are too many of the latter.
std::optional<std::int64_t> count_by_subtraction(
    Connection& connection, const ResolvedFilter& resolved, const Label& label) {
    const std::int64_t labelled = count_labelled(connection, resolved, label);
    const ResolvedFilter others = of_other_statuses(resolved);
    const std::int64_t rest = count_without_labels(connection, others);
    if (rest >= std::min(labelled, count_without_labels(connection, resolved))) return {};
    std::int64_t count = labelled;
    for (const AccessPath& path : jobs_by_status(others))
        count -= count_jobs_of(connection, path);
    return count;
}

/// The number of matching jobs according to the counters; nullopt if the filter has conditions that
/// they do not cover.
std::optional<std::int64_t> known_count(Connection& connection, const ResolvedFilter& resolved) {
    const JobFilter& filter = resolved.filter;
    if (filter.since || filter.until || !resolved.not_kinds.empty()) return {};
    if (!filter.sessions.empty()) return {};
    if (filter.labels.empty()) return count_without_labels(connection, resolved);
    if (filter.labels.size() > 1 || !filter.kinds.empty() || !filter.queues.empty()) return {};
    const Label& label = filter.labels.front();
    if (limits_statuses(resolved)) return count_by_subtraction(connection, resolved, label);
    return count_labelled(connection, resolved, label);
}

std::vector<AccessPath> paths_without_search(
    Connection& connection, const ResolvedFilter& resolved) {
    std::vector<AccessPath> paths = uncounted_paths(connection, resolved);
    const auto jobs = known_count(connection, resolved);
    if (!jobs) return paths;
    for (AccessPath& path : paths)
        path.jobs = 0;
    if (*jobs == 0) return {};
    paths.front().jobs = jobs;
    return paths;
}

AccessPath jobs_by_seqs(const ResolvedFilter& resolved, const std::vector<std::int64_t>& seqs) {
    AccessPath path = all_jobs(resolved);
    std::string list = fmt::format("[{}]", fmt::join(seqs, ","));
    path.conditions.add(fmt::format(kSeqIn, path.conditions.parameter(std::move(list))));
    return path;
}

/// The filter limited to `kinds`; nullopt if it asks for other kinds or there are no such jobs.
std::optional<ResolvedFilter> limit_to_kinds(
    Connection& connection, ResolvedFilter resolved, const std::vector<std::string>& kinds) {
    auto& queried = resolved.filter.kinds;
    if (queried.empty()) queried = kinds;
    std::erase_if(queried, [&](const std::string& kind) { return !contains(kinds, kind); });
    if (queried.empty() || count_without_labels(connection, resolved) == 0) return {};
    return resolved;
}

void add_matches(
    Connection& connection,
    const ResolvedFilter& resolved,
    const SearchTerm& term,
    std::vector<AccessPath>& paths) {
    if (term.is_indexed()) paths.push_back(indexed_matches(connection, resolved, term));
    const auto seqs = unindexed_matches(connection, term);
    if (!seqs.empty()) paths.push_back(jobs_by_seqs(resolved, seqs));
}

std::vector<AccessPath> search_paths(Connection& connection, const ResolvedFilter& resolved) {
    const SearchTerm term{*resolved.filter.search};
    const Kinds kinds = match_kinds(connection, term);
    std::vector<AccessPath> paths;
    if (limit_to_kinds(connection, resolved, kinds.others)) {
        ResolvedFilter by_text = resolved;
        by_text.not_kinds = kinds.matching;
        add_matches(connection, by_text, term, paths);
    }
    if (auto by_kind = limit_to_kinds(connection, resolved, kinds.matching)) {
        by_kind->filter.search.reset();
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
        Conditions& conditions = path.conditions;
        const std::string key = conditions.parameter(label.key);
        const std::string value = conditions.parameter(label.value);
        conditions.add(fmt::format(kHasLabel, path.source.seq, key, value));
    }
}

std::int64_t count_jobs_of(Connection& connection, const AccessPath& path) {
    Query query{
        connection, connection.intern(fmt::format(kCount, path.from(), path.conditions.where()))};
    path.conditions.bind_to(query);
    return query.step() ? query.integer("jobs") : 0;
}

std::string AccessPath::from(bool with_jobs) const {
    if (source.has_jobs || !(needs_jobs || with_jobs)) return std::string{source.from};
    return fmt::format("{} CROSS JOIN {} ON j.seq = {}", source.from, kJobsBySeq.from, source.seq);
}

AccessPath all_jobs(const ResolvedFilter& resolved, const Source& source) {
    AccessPath path{source, job_conditions(resolved)};
    add_labels(path, resolved.filter.labels);
    return path;
}

std::vector<AccessPath> access_paths(Connection& connection, const ResolvedFilter& resolved) {
    return resolved.filter.search ? search_paths(connection, resolved)
                                  : paths_without_search(connection, resolved);
}

std::vector<std::int64_t> seqs_of(
    Connection& connection, const JobFilter& filter, const Principal& principal) {
    const auto resolved = resolve_filter(connection, filter, principal);
    if (!resolved) return {};
    std::vector<std::int64_t> seqs;
    for (const AccessPath& path : access_paths(connection, *resolved)) {
        const std::string sql =
            fmt::format(kSeqs, path.source.seq, path.from(), path.conditions.where());
        Query query{connection, connection.intern(sql)};
        for (path.conditions.bind_to(query); query.step();)
            seqs.push_back(query.integer("seq"));
    }
    std::ranges::sort(seqs);
    return seqs;
}

}  // namespace atlasjob::sqlite
