#include "store/sqlite/health.h"
#include "store/sqlite/queries/get.h"
#include "store/sqlite/queries/list.h"
#include "store/sqlite/queries/statistics.h"
#include "store/sqlite/sqlite_store_calls.h"
#include "store/sqlite/transfer/backup.h"
#include "store/sqlite/transfer/export.h"
#include "store/sqlite/verbs/pause.h"

namespace atlasjob::sqlite {

void SqliteStore::export_jobs(
    const JobFilter& filter, const Principal& principal, const RecordSink& sink) {
    read([&](Connection& c) { sqlite::export_jobs(c, filter, principal, sink); });
}

void SqliteStore::back_up(const BackupRequest& request, const PartDone& part_done) {
    read([&](Connection& c) { copy_ledger(c, request, part_done); });
}

std::optional<Job> SqliteStore::get(const JobRef& ref, const Principal& principal, Detail detail) {
    return read([&](Connection& c) { return find_job(c, ref, principal, detail); });
}

std::optional<CommandSpec> SqliteStore::command_of(const JobId& id) {
    return read([&](Connection& c) { return find_command(c, id); });
}

std::optional<CommandSpec> SqliteStore::hook_of(const JobId& id) {
    return read([&](Connection& c) { return find_hook(c, id); });
}

std::vector<Job> SqliteStore::cancelled_dependents(const JobId& id) {
    return read([&](Connection& c) { return find_cancelled_dependents(c, id); });
}

std::optional<Tombstone> SqliteStore::tombstone(const JobRef& ref, const Principal& principal) {
    return read([&](Connection& c) { return find_tombstone(c, ref, principal); });
}

JobPage SqliteStore::list(const ListQuery& query, const Principal& principal) {
    return read([&](Connection& c) { return list_jobs(c, query, principal); });
}

std::vector<Count> SqliteStore::count(const Principal& principal) {
    return read([&](Connection& c) { return count_jobs(c, principal); });
}

Statistics SqliteStore::statistics(const Principal& principal) {
    return read([&](Connection& c, Time now) { return read_statistics(c, principal, now); });
}

std::vector<PausedQueue> SqliteStore::paused_queues() {
    return read([&](Connection& c) { return sqlite::paused_queues(c); });
}

std::vector<Event> SqliteStore::events_since(const EventQuery& query, const Principal& principal) {
    return read([&](Connection& c) { return sqlite::events_since(c, query, principal); });
}

EventPosition SqliteStore::event_position(std::int64_t after_seq, const Principal& principal) {
    return read([&](Connection& c, Time now) {
        return sqlite::event_position(c, after_seq, principal, now);
    });
}

std::vector<AttemptRecord> SqliteStore::attempts_of(const JobId& id) {
    return read([&](Connection& c) { return load_attempts(c, id); });
}

std::vector<Finding> SqliteStore::check_health(bool thorough) {
    return read([&](Connection& c, Time now) { return sqlite::check_health(c, thorough, now); });
}

}  // namespace atlasjob::sqlite
