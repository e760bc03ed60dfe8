#include "store/sqlite/verbs/dependencies.h"

#include "base/error.h"
#include "store/sqlite/verbs/finish.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kLookUp = R"sql(
    SELECT owner, status
    FROM jobs
    WHERE job_id = :job_id
)sql";
constexpr const char* kLink = R"sql(
    INSERT INTO dependencies (job_seq, after_id, met)
    VALUES (:job_seq, :after_id, :met)
    ON CONFLICT DO NOTHING
)sql";
constexpr const char* kSetOpen = R"sql(
    UPDATE jobs
    SET open_dependencies = :open,
        ready = (
            has_command AND status = 'queued' AND :open = 0 AND coalesce(run_after, 0) <= :now
        )
    WHERE seq = :seq
)sql";
constexpr const char* kDependents = R"sql(
    SELECT j.job_id
    FROM dependencies d
    JOIN jobs j ON j.seq = d.job_seq
    WHERE d.after_id = :after_id
      AND d.met = 0
      AND j.status = 'queued'
    ORDER BY j.seq
)sql";
constexpr const char* kMeet = R"sql(
    UPDATE dependencies
    SET met = 1
    WHERE after_id = :after_id
      AND met = 0
)sql";
constexpr const char* kMeetOne = R"sql(
    UPDATE dependencies
    SET met = 1
    WHERE job_seq = :job_seq
      AND after_id = :after_id
)sql";
constexpr const char* kOneFewer = R"sql(
    UPDATE jobs
    SET open_dependencies = open_dependencies - 1,
        ready = (
            has_command AND held = 0 AND open_dependencies = 1 AND coalesce(run_after, 0) <= :now
        ),
        rev = rev + 1,
        updated_at = max(updated_at, :now)
    WHERE job_id = :job_id
)sql";
constexpr const char* kUnmet = R"sql(
    SELECT d.after_id, coalesce(j.status, t.last_status) AS status
    FROM dependencies d
    LEFT JOIN jobs j ON j.job_id = d.after_id
    LEFT JOIN tombstones t ON t.job_id = d.after_id
    WHERE d.job_seq = :job_seq
      AND d.met = 0
)sql";

Status status_of_dependency(Connection& connection, const JobId& id, const std::string& owner) {
    Query query{connection, kLookUp};
    if (!query.bind("job_id", id).step() || query.text("owner") != owner) {
        throw Error(
            ErrorCode::not_found, fmt::format("{} has no job {} to depend on", owner, id.view()),
            "give the job_id of a job that is still in the ledger");
    }
    return parse_status(query.text("status")).value_or(Status::queued);
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
    for (query.bind("after_id", id); query.step();) {
        if (const auto dependent = JobId::parse(query.text("job_id")))
            dependents.push_back(*dependent);
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
        const int linked = Query{connection, kLink}
                               .bind("job_seq", dependent.seq)
                               .bind("after_id", id)
                               .bind("met", status == Status::done)
                               .run();
        if (linked == 0) continue;
        if (!is_terminal(status)) ++open;
        if (is_terminal(status) && status != Status::done && !failed) failed = {id, status};
    }
    Query{connection, kSetOpen}
        .bind("open", open)
        .bind("now", now)
        .bind("seq", dependent.seq)
        .run();
    if (failed) fail_dependent(connection, dependent.job_id, failed->first, failed->second, now);
}

void meet_dependencies(Connection& connection, const JobId& done) {
    Query{connection, kMeet}.bind("after_id", done).run();
}

void resolve_dependents(Connection& connection, const JobId& ended, Status status, Time now) {
    const std::vector<JobId> dependents = dependents_of(connection, ended);
    if (dependents.empty()) return;
    if (status == Status::done) meet_dependencies(connection, ended);
    for (const JobId& dependent : dependents) {
        if (status == Status::done) {
            Query{connection, kOneFewer}.bind("now", now).bind("job_id", dependent).run();
        } else {
            fail_dependent(connection, dependent, ended, status, now);
        }
    }
}

int recheck_dependencies(Connection& connection, const JobState& state) {
    int open = 0;
    std::vector<JobId> met;
    Query query{connection, kUnmet};
    for (query.bind("job_seq", state.seq); query.step();) {
        const auto id = JobId::parse(query.text("after_id"));
        const auto status = parse_status(query.text("status"));
        if (!id || !status || (is_terminal(*status) && *status != Status::done)) {
            throw Error(
                ErrorCode::refused,
                fmt::format(
                    "job {} depends on job {}, which did not end as done", state.seq,
                    query.text("after_id")),
                "retry that job first");
        }
        if (*status == Status::done) met.push_back(*id);
        if (!is_terminal(*status)) ++open;
    }
    for (const JobId& id : met)
        Query{connection, kMeetOne}.bind("job_seq", state.seq).bind("after_id", id).run();
    return open;
}

}  // namespace atlasjob::sqlite
