#include "base/text.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

/// Separates the names of queues, which cannot contain it (limits.h).
constexpr char kSeparator = ',';

constexpr const char* kInsert =
    "INSERT INTO workers (host, boot_id, pid_namespace, pid, process_start, queues, slots, "
    "draining, started_at, heartbeat_at, account_uid) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, "
    "?8, ?9)";
constexpr const char* kRenew =
    "UPDATE workers SET heartbeat_at = max(heartbeat_at, ?3), draining = ?2 WHERE worker_id = ?1";
constexpr const char* kDelete = "DELETE FROM workers WHERE worker_id = ?1";
constexpr const char* kAll =
    "SELECT worker_id, host, boot_id, pid_namespace, pid, process_start, queues, slots, draining, "
    "started_at, heartbeat_at, account_uid FROM workers ORDER BY worker_id";

std::optional<std::string> join_queues(const std::vector<std::string>& queues) {
    if (queues.empty()) return {};
    return fmt::format("{}", fmt::join(queues, std::string_view{&kSeparator, 1}));
}

Worker read_worker(const Query& query) {
    Worker worker;
    worker.id = query.integer(0);
    worker.is.process = read_identity(query, 1).value_or(ProcessIdentity{});
    if (!query.is_null(6)) {
        for (const std::string_view queue : split(query.text(6), kSeparator))
            worker.is.queues.emplace_back(queue);
    }
    worker.is.slots = query.integer<int>(7);
    worker.draining = query.integer<int>(8) != 0;
    worker.started_at = query.time(9);
    worker.heartbeat_at = query.time(10);
    worker.is.account = read_account(query, 11);
    return worker;
}

}  // namespace

std::int64_t insert_worker(Connection& connection, const NewWorker& worker, Time now) {
    const ProcessIdentity& process = worker.process;
    Query{connection, kInsert}
        .bind(process.host, process.boot_id, process.pid_namespace, process.pid)
        .bind(process.start_ticks, join_queues(worker.queues), worker.slots, now)
        .bind(worker.account.value_or(kNoAccount))
        .run();
    return connection.last_insert_rowid();
}

bool renew_worker(Connection& connection, std::int64_t worker_id, bool draining, Time now) {
    return Query{connection, kRenew}.bind(worker_id, draining, now).run() > 0;
}

void delete_worker(Connection& connection, std::int64_t worker_id) {
    Query{connection, kDelete}.bind(worker_id).run();
}

std::vector<Worker> load_workers(Connection& connection) {
    std::vector<Worker> workers;
    Query query{connection, kAll};
    while (query.step())
        workers.push_back(read_worker(query));
    return workers;
}

}  // namespace atlasjob::sqlite
