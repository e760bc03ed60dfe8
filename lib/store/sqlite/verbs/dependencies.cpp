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
    UNION ALL
    SELECT owner, last_status
    FROM tombstones
    WHERE job_id = :job_id
)sql";
constexpr const char* kLink = R"sql(
    INSERT INTO dependencies (job_seq, after_id, any_end, met)
    VALUES (:job_seq, :after_id, :any_end, :met)
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
    SELECT j.job_id, d.any_end
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
      AND (any_end OR :done)
)sql";
constexpr const char* kSetMet = R"sql(
    UPDATE dependencies
    SET met = :met
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
constexpr const char* kDependencies = R"sql(
    SELECT d.after_id, d.any_end, d.met, j.seq, coalesce(j.status, t.last_status) AS status
    FROM dependencies d
    LEFT JOIN jobs j ON j.job_id = d.after_id
    LEFT JOIN tombstones t ON t.job_id = d.after_id
    WHERE d.job_seq = :job_seq
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

struct WaitingJob {
    JobId job_id;
    bool any_end = false;  ///< It waits for any end, not for done only.
};

std::vector<WaitingJob> waiting_for(Connection& connection, const JobId& id) {
    std::vector<WaitingJob> waiting;
    Query query{connection, kDependents};
    for (query.bind("after_id", id); query.step();) {
        if (const auto dependent = JobId::parse(query.text("job_id")))
            waiting.push_back({*dependent, query.flag("any_end")});
    }
    return waiting;
}

/// Whether a dependency that is in `status` is met.
bool is_met(Status status, bool any_end) {
    return status == Status::done || (any_end && is_terminal(status));
}

/// Links new dependencies one by one.
class Linker {
  public:
    Linker(Connection& connection, const Dependent& dependent)
        : connection_(connection), dependent_(dependent) {}

    void link(const std::vector<JobId>& after, bool any_end) {
        for (const JobId& id : after) {
            const Status status = status_of_dependency(connection_, id, dependent_.owner);
            const int linked = Query{connection_, kLink}
                                   .bind("job_seq", dependent_.seq)
                                   .bind("after_id", id)
                                   .bind("any_end", any_end)
                                   .bind("met", is_met(status, any_end))
                                   .run();
            if (linked == 0 || is_met(status, any_end)) continue;
            if (!is_terminal(status)) {
                ++open_;
            } else if (!failed_) {
                failed_ = {id, status};
            }
        }
    }

    int open() const { return open_; }
    /// The first dependency that will never be met.
    const std::optional<std::pair<JobId, Status>>& failed() const { return failed_; }

  private:
    Connection& connection_;
    const Dependent& dependent_;
    int open_ = 0;
    std::optional<std::pair<JobId, Status>> failed_;
};

/// A dependency that prevents a retry.
[[noreturn]] void refuse_unmet(const JobState& state, const Query& dependency) {
    const bool is_deleted = dependency.is_null("seq");
    const std::string name = is_deleted ? std::string{dependency.text("after_id")}
                                        : std::to_string(dependency.integer("seq"));
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "job {} depends on job {}, which {}", state.seq, name,
            dependency.is_null("status") ? "is no longer known"
            : is_deleted                 ? "did not end as done and is deleted"
                                         : "did not end as done"),
        is_deleted ? fmt::format(
            "submit a copy without that dependency: `atlasjob submit --like {}`", state.seq)
                   : fmt::format("retry that job, too: `atlasjob retry {} {}`", name, state.seq));
}

}  // namespace

void link_dependencies(
    Connection& connection,
    const Dependent& dependent,
    const Dependencies& dependencies,
    Time now) {
    Linker linker{connection, dependent};
    linker.link(dependencies.done, false);
    linker.link(dependencies.ended, true);
    Query{connection, kSetOpen}
        .bind("open", linker.open())
        .bind("now", now)
        .bind("seq", dependent.seq)
        .run();
    if (const auto& failed = linker.failed())
        fail_dependent(connection, dependent.job_id, failed->first, failed->second, now);
}

void meet_dependencies(Connection& connection, const JobId& ended, bool done) {
    Query{connection, kMeet}.bind("after_id", ended).bind("done", done).run();
}

void resolve_dependents(Connection& connection, const JobId& ended, Status status, Time now) {
    const std::vector<WaitingJob> waiting = waiting_for(connection, ended);
    if (waiting.empty()) return;
    meet_dependencies(connection, ended, status == Status::done);
    for (const WaitingJob& job : waiting) {
        if (is_met(status, job.any_end)) {
            Query{connection, kOneFewer}.bind("now", now).bind("job_id", job.job_id).run();
        } else {
            fail_dependent(connection, job.job_id, ended, status, now);
        }
    }
}

int recheck_dependencies(Connection& connection, const JobState& state) {
    std::vector<std::pair<std::string, bool>> changed;
    int open = 0;
    Query query{connection, kDependencies};
    for (query.bind("job_seq", state.seq); query.step();) {
        const auto status = parse_status(query.text("status"));
        const bool was_met = query.flag("met");
        const bool is_active = status && !is_terminal(*status);
        // Only ended jobs are deleted, so one that is not known any more has ended somehow.
        const bool any_end = query.flag("any_end");
        const bool met = !is_active && (was_met || (status ? is_met(*status, any_end) : any_end));
        if (!met && !is_active) refuse_unmet(state, query);
        if (is_active) ++open;
        if (met != was_met) changed.emplace_back(query.text("after_id"), met);
    }
    for (const auto& [id, met] : changed)
        Query{connection, kSetMet}
            .bind("met", met)
            .bind("job_seq", state.seq)
            .bind("after_id", id)
            .run();
    return open;
}

}  // namespace atlasjob::sqlite
