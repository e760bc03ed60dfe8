#include "support/ledger_audit.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <string_view>

namespace atlasjob::test {

namespace {

/// A query that should return no rows; each row identifies one faulty object.
struct Check {
    const char* fault;
    const char* sql;
};

constexpr std::array kChecks = {
    Check{
        "the file is damaged",
        "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok'"},
    Check{
        "a row refers to a missing row",
        "SELECT \"table\" || ' ' || rowid FROM pragma_foreign_key_check"},
    Check{
        "a counter counts missing jobs",
        "SELECT owner, queue, kind, status, jobs FROM counters WHERE jobs <> 0 EXCEPT "
        "SELECT owner, queue, kind, status, count(*) FROM jobs GROUP BY 1, 2, 3, 4"},
    Check{
        "jobs are not counted",
        "SELECT owner, queue, kind, status, count(*) FROM jobs GROUP BY 1, 2, 3, 4 EXCEPT "
        "SELECT owner, queue, kind, status, jobs FROM counters"},
    Check{
        "label counters are wrong",
        "SELECT * FROM (SELECT owner, labels.key, value, count(*) FROM labels JOIN jobs ON seq = "
        "job_seq "
        "GROUP BY 1, 2, 3 EXCEPT SELECT owner, key, value, jobs FROM label_counters) UNION ALL "
        "SELECT * FROM (SELECT owner, key, value, jobs FROM label_counters WHERE jobs > 0 EXCEPT "
        "SELECT owner, labels.key, value, count(*) FROM labels JOIN jobs ON seq = job_seq GROUP BY "
        "1, 2, "
        "3)"},
    Check{
        "a job's status differs from its last event",
        "SELECT seq FROM jobs WHERE status IS NOT (SELECT to_status FROM events "
        "WHERE job_seq = jobs.seq ORDER BY events.seq DESC LIMIT 1)"},
    Check{
        "an event does not start from the status of the previous one",
        "SELECT seq FROM (SELECT seq, from_status, lag(to_status) OVER (PARTITION BY job_seq "
        "ORDER BY seq) AS before FROM events) WHERE from_status IS NOT before"},
    Check{
        "a history does not begin with the creation of its job",
        "SELECT job_seq FROM (SELECT job_seq, type, min(seq) FROM events GROUP BY job_seq) "
        "WHERE type <> 'submit'"},
    // An event whose type is no verb of the state machine is a note; it must not change the status.
    Check{
        "an event records an illegal transition",
        "SELECT seq FROM events e WHERE from_status IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
        "transitions t WHERE t.from_status = e.from_status AND t.verb = e.type AND t.to_status "
        "= e.to_status) AND (from_status <> to_status OR type IN (SELECT verb FROM transitions))"},
    Check{
        "a job changed after its end, or its end was not recorded",
        "SELECT seq FROM jobs WHERE ended_at IS NOT NULL AND (updated_at <> ended_at OR ended_at "
        "IS "
        "NOT (SELECT at FROM events WHERE job_seq = jobs.seq AND from_status IS NOT to_status "
        "ORDER BY events.seq DESC LIMIT 1))"},
    // Notes are left out: they do not affect the times of the job.
    Check{
        "time runs backwards in a history",
        "SELECT seq FROM (SELECT seq, at, lag(at) OVER (PARTITION BY job_seq ORDER BY seq) AS "
        "before FROM events WHERE type IN (SELECT verb FROM transitions)) WHERE at < before"},
    Check{
        "a job's attempt number differs from its count of attempts",
        "SELECT seq FROM jobs WHERE attempt <> (SELECT count(*) FROM attempts WHERE job_seq = "
        "jobs.seq)"},
    Check{
        "the attempts of a job are not numbered 1, 2, 3 ...",
        "SELECT job_seq FROM attempts GROUP BY job_seq HAVING min(n) <> 1 OR max(n) <> count(*)"},
    Check{
        "a fence is not higher than the previous one, or was never issued by its job",
        "SELECT a.job_seq FROM attempts a JOIN jobs j ON j.seq = a.job_seq WHERE a.fence > j.fence "
        "OR a.fence <= coalesce((SELECT fence FROM attempts WHERE job_seq = a.job_seq AND n = a.n "
        "- "
        "1), 0)"},
    Check{
        "a job has two open attempts",
        "SELECT job_seq FROM attempts WHERE ended_at IS NULL GROUP BY job_seq HAVING count(*) > 1"},
    Check{
        "a job is done but its last attempt is not",
        "SELECT j.seq FROM jobs j LEFT JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt "
        "WHERE j.status = 'done' AND a.outcome IS NOT 'done'"},
    Check{
        "an attempt is open although its job is not running, or closed although it is",
        "SELECT j.seq FROM jobs j JOIN attempts a ON a.job_seq = j.seq "
        "WHERE (a.ended_at IS NULL) <> (j.status = 'running' AND a.n = j.attempt)"},
    Check{
        "a queued job's count of open dependencies is wrong",
        "SELECT seq FROM jobs WHERE status = 'queued' AND open_dependencies <> (SELECT count(*) "
        "FROM dependencies WHERE job_seq = jobs.seq AND met = 0)"},
    Check{
        "a queued job waits for an ended job",
        "SELECT j.seq FROM jobs j JOIN dependencies d ON d.job_seq = j.seq WHERE j.status = "
        "'queued' "
        "AND d.met = 0 AND NOT EXISTS (SELECT 1 FROM jobs WHERE job_id = d.after_id AND ended_at "
        "IS "
        "NULL)"},
    Check{
        "a dependency is marked as met although its job was never done",
        "SELECT d.job_seq FROM dependencies d JOIN jobs w ON w.job_id = d.after_id WHERE d.met = 1 "
        "AND NOT EXISTS (SELECT 1 FROM events WHERE job_seq = w.seq AND to_status = 'done')"},
    Check{
        "a job has a command without a spec, or a spec without a command",
        "SELECT seq FROM jobs WHERE has_command <> EXISTS (SELECT 1 FROM job_specs WHERE job_seq = "
        "jobs.seq)"},
    Check{"an existing job has a tombstone", "SELECT seq FROM tombstones JOIN jobs USING (seq)"},
    Check{
        "a process is registered as two workers",
        "SELECT max(worker_id) FROM workers GROUP BY boot_id, pid_namespace, pid, process_start "
        "HAVING count(*) > 1"},
    Check{
        "a worker's heartbeat is older than its start",
        "SELECT worker_id FROM workers WHERE heartbeat_at < started_at"},
    Check{
        "a runnable job cannot be claimed",
        "SELECT seq FROM jobs WHERE status = 'queued' AND has_command = 1 AND open_dependencies = "
        "0 "
        "AND ready = 0 AND held = 0 AND run_after IS NULL"},
};

// Ended jobs: job_id, status and time of the end, and all other visible fields.
constexpr const char* kEnded =
    "SELECT job_id, status || ' ' || ended_at, quote(reason) || quote(verb) || quote(actor) || "
    "quote(progress) || quote(phase) || quote(message) || quote(current) || quote(total) || "
    "quote(run_after) || quote(started_at) || quote(updated_at) || quote(expires_at) || "
    "quote(queue) || quote(priority) || attempt || '/' || max_attempts || ' ' || fence || "
    "quote(exit_code) || quote(signal) || quote(error_code) || quote(error) || quote(result) || "
    "log_bytes || ' ' || rev FROM jobs WHERE ended_at IS NOT NULL";

SQLite::Database open_plain(const std::string& ledger) {
    return SQLite::Database{ledger, SQLite::OPEN_READWRITE, 5000};
}

}  // namespace

std::vector<std::string> contradictions(const std::string& ledger) {
    std::vector<std::string> found;
    const SQLite::Database database = open_plain(ledger);
    for (const Check& check : kChecks) {
        SQLite::Statement statement{database, check.sql};
        while (statement.executeStep())
            found.push_back(std::string{check.fault} + ": " + statement.getColumn(0).getString());
    }
    return found;
}

std::vector<std::string> EndedJobs::changes(const std::string& ledger) {
    std::map<std::string, Ended> now;
    const SQLite::Database database = open_plain(ledger);
    SQLite::Statement statement{database, kEnded};
    while (statement.executeStep()) {
        now[statement.getColumn(0).getString()] = {
            statement.getColumn(1).getString(), statement.getColumn(2).getString()};
    }
    std::vector<std::string> changed;
    for (const auto& [job_id, ended] : previous_) {
        const auto found = now.find(job_id);
        // Retried or deleted in the meantime.
        if (found == now.end() || found->second.end != ended.end) continue;
        if (found->second.row != ended.row)
            changed.push_back("changed after its end: " + job_id + ": " + found->second.row);
    }
    previous_ = std::move(now);
    return changed;
}

}  // namespace atlasjob::test
