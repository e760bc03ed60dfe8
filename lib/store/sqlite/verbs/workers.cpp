#include "base/text.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

/// Separates the names of queues, which cannot contain it (limits.h).
constexpr char kSeparator = ',';

constexpr const char* kInsert = R"sql(
    INSERT INTO workers (
        schema_version, host, machine_id, boot_id, pid_namespace, time_namespace,
        pid, process_start, queues, slots, draining, started_at, heartbeat_at, account_uid, started_by
    ) VALUES (
        :schema_version, :host, :machine_id, :boot_id, :pid_namespace, :time_namespace,
        :pid, :process_start, :queues, :slots, 0, :now, :now, :account, :unit
    )
)sql";
constexpr const char* kRenew = R"sql(
    UPDATE workers
    SET heartbeat_at = max(heartbeat_at, :now),
        draining = :draining
    WHERE worker_id = :worker_id
)sql";
constexpr const char* kDelete = R"sql(
    DELETE FROM workers
    WHERE worker_id = :worker_id
)sql";
constexpr const char* kAll = R"sql(
    SELECT worker_id,
           host, machine_id, boot_id, pid_namespace, time_namespace,
           pid AS supervisor_pid, process_start AS supervisor_start,
           queues, slots, draining, started_at, heartbeat_at, account_uid, started_by
    FROM workers
    ORDER BY worker_id
)sql";

std::optional<std::string> join_queues(const std::vector<std::string>& queues) {
    if (queues.empty()) return {};
    return fmt::format("{}", fmt::join(queues, std::string_view{&kSeparator, 1}));
}

Worker read_worker(const Query& query) {
    Worker worker;
    worker.id = query.integer("worker_id");
    worker.is.process = read_identity(query).value_or(ProcessIdentity{});
    if (!query.is_null("queues")) {
        for (const std::string_view queue : split(query.text("queues"), kSeparator))
            worker.is.queues.emplace_back(queue);
    }
    worker.is.slots = query.integer<int>("slots");
    worker.draining = query.flag("draining");
    worker.started_at = query.time("started_at");
    worker.heartbeat_at = query.time("heartbeat_at");
    worker.is.account = account_of(query.integer("account_uid"));
    worker.is.unit = query.is_null("started_by") ? "" : query.text("started_by");
    return worker;
}

}  // namespace

std::int64_t insert_worker(Connection& connection, const NewWorker& worker, Time now) {
    const ProcessIdentity& process = worker.process;
    Query{connection, kInsert}
        .bind("schema_version", connection.known_version())
        .bind("host", process.host)
        .bind("machine_id", process.machine_id)
        .bind("boot_id", process.boot_id)
        .bind("pid_namespace", process.pid_namespace)
        .bind("time_namespace", process.time_namespace)
        .bind("pid", process.pid)
        .bind("process_start", process.start_ticks)
        .bind("queues", join_queues(worker.queues))
        .bind("slots", worker.slots)
        .bind("now", now)
        .bind("account", worker.account.value_or(kNoAccount))
        .bind("unit", worker.unit.empty() ? std::nullopt : std::optional{worker.unit})
        .run();
    return connection.last_insert_rowid();
}

bool renew_worker(Connection& connection, std::int64_t worker_id, bool draining, Time now) {
    Query query{connection, kRenew};
    query.bind("now", now).bind("draining", draining).bind("worker_id", worker_id);
    return query.run() > 0;
}

void delete_worker(Connection& connection, std::int64_t worker_id) {
    Query{connection, kDelete}.bind("worker_id", worker_id).run();
}

std::vector<Worker> load_workers(Connection& connection) {
    std::vector<Worker> workers;
    Query query{connection, kAll};
    while (query.step())
        workers.push_back(read_worker(query));
    return workers;
}

}  // namespace atlasjob::sqlite
