#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

// Names the partial index: without it, SQLite would walk all jobs in order.
constexpr const char* kOwed =
    "SELECT j.job_id, j.ended_at, a.host, a.boot_id, a.pid_namespace, a.supervisor_pid, "
    "a.supervisor_start FROM jobs j INDEXED BY jobs_owing_on_end "
    "LEFT JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt "
    "WHERE j.on_end_pending = 1 AND (?1 IS NULL OR j.account_uid IN (-1, ?1)) ORDER BY j.seq";
// Leaves rev and updated_at alone: the job itself does not change.
constexpr const char* kTake =
    "UPDATE jobs SET on_end_pending = 0 WHERE job_id = ?1 AND on_end_pending = 1 "
    "AND (?2 IS NULL OR account_uid IN (-1, ?2)) RETURNING status";

}  // namespace

std::vector<OwedHook> owed_hooks(Connection& connection, const std::optional<AccountId>& account) {
    std::vector<OwedHook> hooks;
    Query query{connection, kOwed};
    for (query.bind(account); query.step();) {
        if (const auto id = JobId::parse(query.text(0)))
            hooks.push_back({*id, query.time(1), read_identity(query, 2)});
    }
    return hooks;
}

std::optional<Status> take_hook(
    Connection& connection, const JobId& id, const std::optional<AccountId>& account) {
    Query query{connection, kTake};
    if (!query.bind(id, account).step()) return {};
    const auto status = parse_status(query.text(0));
    query.run();
    return status;
}

}  // namespace atlasjob::sqlite
