#include "store/sqlite/verbs/dependencies.h"

#include "base/error.h"
#include "store/sqlite/verbs/finish.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kLookUp = "SELECT owner, status FROM jobs WHERE job_id = ?1";
constexpr const char* kLink =
    "INSERT INTO dependencies (job_seq, after_id, met) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
constexpr const char* kSetOpen =
    "UPDATE jobs SET open_dependencies = ?2, "
    "ready = (has_command AND status = 'queued' AND ?2 = 0 AND coalesce(run_after, 0) <= ?3) WHERE "
    "seq = ?1";
constexpr const char* kDependents =
    "SELECT j.job_id FROM dependencies d JOIN jobs j ON j.seq = d.job_seq "
    "WHERE d.after_id = ?1 AND d.met = 0 AND j.status = 'queued' ORDER BY j.seq";
constexpr const char* kMeet = "UPDATE dependencies SET met = 1 WHERE after_id = ?1 AND met = 0";
constexpr const char* kMeetOne =
    "UPDATE dependencies SET met = 1 WHERE job_seq = ?1 AND after_id = ?2";
constexpr const char* kOneFewer =
    "UPDATE jobs SET open_dependencies = open_dependencies - 1, ready = (has_command AND held = 0 "
    "AND "
    "open_dependencies = 1 AND coalesce(run_after, 0) <= ?2), rev = rev + 1, updated_at = "
    "max(updated_at, ?2) "
    "WHERE job_id = ?1";
constexpr const char* kUnmet =
    "SELECT d.after_id, coalesce(j.status, t.last_status) FROM dependencies d "
    "LEFT JOIN jobs j ON j.job_id = d.after_id LEFT JOIN tombstones t ON t.job_id = d.after_id "
    "WHERE d.job_seq = ?1 AND d.met = 0";

Status status_of_dependency(Connection& connection, const JobId& id, const std::string& owner) {
    Query query{connection, kLookUp};
    if (!query.bind(id).step() || query.text(0) != owner) {
        throw Error(
            ErrorCode::not_found, fmt::format("{} has no job {} to depend on", owner, id.view()),
            "give the job_id of a job that is still in the ledger");
    }
    return parse_status(query.text(1)).value_or(Status::queued);
}

/// Cancels a queued job whose dependency `cause` ended as `status`, and with it its own dependents.
void fail_dependent(
    Connection& connection, const JobId& dependent, const JobId& cause, Status status, Time now) {
    static const std::string actor = "atlasjob";
    const auto state = load_state(connection, dependent);
    if (!state || state->status != Status::queued) return;
    Outcome outcome;
    outcome.status = Status::cancelled;
    outcome.reason = Reason::dependency;
    outcome.error = fmt::format("its dependency {} ended as {}", cause.view(), to_string(status));
    outcome.error_code = "dependency";
    end_job(connection, *state, outcome, {Verb::fail_dependency, actor, now});
}

std::vector<JobId> dependents_of(Connection& connection, const JobId& id) {
    std::vector<JobId> dependents;
    Query query{connection, kDependents};
    for (query.bind(id); query.step();) {
        if (const auto dependent = JobId::parse(query.text(0))) dependents.push_back(*dependent);
    }
    return dependents;
}

}  // namespace

void link_dependencies(
    Connection& connection, const Dependent& dependent, const std::vector<JobId>& after, Time now) {
    int open = 0;
    std::optional<std::pair<JobId, Status>> failed;
    for (const JobId& id : after) {
        const Status status = status_of_dependency(connection, id, dependent.owner);
        const int linked =
            Query{connection, kLink}.bind(dependent.seq, id, status == Status::done).run();
        if (linked == 0) continue;
        if (!is_terminal(status)) ++open;
        if (is_terminal(status) && status != Status::done && !failed) failed = {id, status};
    }
    Query{connection, kSetOpen}.bind(dependent.seq, open, now).run();
    if (failed) fail_dependent(connection, dependent.job_id, failed->first, failed->second, now);
}

void resolve_dependents(Connection& connection, const JobId& ended, Status status, Time now) {
    const std::vector<JobId> dependents = dependents_of(connection, ended);
    if (dependents.empty()) return;
    if (status == Status::done) Query{connection, kMeet}.bind(ended).run();
    for (const JobId& dependent : dependents) {
        if (status == Status::done) {
            Query{connection, kOneFewer}.bind(dependent, now).run();
        } else {
            fail_dependent(connection, dependent, ended, status, now);
        }
    }
}

int recheck_dependencies(Connection& connection, const JobState& state) {
    int open = 0;
    std::vector<JobId> met;
    Query query{connection, kUnmet};
    for (query.bind(state.seq); query.step();) {
        const auto id = JobId::parse(query.text(0));
        const auto status = parse_status(query.text(1));
        if (!id || !status || (is_terminal(*status) && *status != Status::done)) {
            throw Error(
                ErrorCode::refused,
                fmt::format(
                    "job {} depends on job {}, which did not end as done", state.seq,
                    query.text(0)),
                "retry that job first");
        }
        if (*status == Status::done) met.push_back(*id);
        if (!is_terminal(*status)) ++open;
    }
    for (const JobId& id : met)
        Query{connection, kMeetOne}.bind(state.seq, id).run();
    return open;
}

}  // namespace atlasjob::sqlite
