#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

// Names the partial index: without it, SQLite would walk all jobs in order.
constexpr const char* kOwed = R"sql(
    SELECT j.job_id, j.ended_at,
           a.host, a.machine_id, a.boot_id, a.pid_namespace, a.time_namespace,
           a.supervisor_pid, a.supervisor_start
    FROM jobs j INDEXED BY jobs_owing_on_end
    LEFT JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt
    WHERE j.on_end_pending = 1
      AND (:account IS NULL OR j.account_uid IN (-1, :account))
    ORDER BY j.seq
)sql";
// Leaves rev and updated_at alone: the job itself does not change.
constexpr const char* kTake = R"sql(
    UPDATE jobs
    SET on_end_pending = 0
    WHERE job_id = :job_id
      AND on_end_pending = 1
      AND (:account IS NULL OR account_uid IN (-1, :account))
    RETURNING status
)sql";

}  // namespace

std::vector<OwedHook> owed_hooks(Connection& connection, const std::optional<AccountId>& account) {
    std::vector<OwedHook> hooks;
    Query query{connection, kOwed};
    for (query.bind("account", account); query.step();) {
        if (const auto id = JobId::parse(query.text("job_id"))) {
            const Time ended_at = query.time("ended_at");
            hooks.push_back({*id, ended_at, read_identity(query)});
        }
    }
    return hooks;
}

std::optional<Status> take_hook(
    Connection& connection, const JobId& id, const std::optional<AccountId>& account) {
    Query query{connection, kTake};
    if (!query.bind("job_id", id).bind("account", account).step()) return {};
    const auto status = parse_status(query.text("status"));
    query.run();
    return status;
}

}  // namespace atlasjob::sqlite
