#include "support/ledger_audit.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <string_view>

namespace atlasjob::test {

namespace {

/// A question whose answer should be empty; each row names one offender.
struct Question {
    const char* wrong;
    const char* sql;
};

constexpr std::array kQuestions = {
    Question{
        "the file is damaged",
        "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok'"},
    Question{
        "a row refers to one that is not there",
        "SELECT \"table\" || ' ' || rowid FROM pragma_foreign_key_check"},
    Question{
        "a counter counts jobs that are not there",
        "SELECT owner, queue, kind, status, jobs FROM counters WHERE jobs <> 0 EXCEPT "
        "SELECT owner, queue, kind, status, count(*) FROM jobs GROUP BY 1, 2, 3, 4"},
    Question{
        "jobs are not counted",
        "SELECT owner, queue, kind, status, count(*) FROM jobs GROUP BY 1, 2, 3, 4 EXCEPT "
        "SELECT owner, queue, kind, status, jobs FROM counters"},
    Question{
        "labels are counted wrong",
        "SELECT * FROM (SELECT owner, labels.key, value, count(*) FROM labels JOIN jobs ON seq = "
        "job_seq "
        "GROUP BY 1, 2, 3 EXCEPT SELECT owner, key, value, jobs FROM label_counters) UNION ALL "
        "SELECT * FROM (SELECT owner, key, value, jobs FROM label_counters WHERE jobs > 0 EXCEPT "
        "SELECT owner, labels.key, value, count(*) FROM labels JOIN jobs ON seq = job_seq GROUP BY "
        "1, 2, "
        "3)"},
    Question{
        "a job's last event tells another status",
        "SELECT seq FROM jobs WHERE status IS NOT (SELECT to_status FROM events "
        "WHERE job_seq = jobs.seq ORDER BY events.seq DESC LIMIT 1)"},
    Question{
        "an event does not go on where the one before it ended",
        "SELECT seq FROM (SELECT seq, from_status, lag(to_status) OVER (PARTITION BY job_seq "
        "ORDER BY seq) AS before FROM events) WHERE from_status IS NOT before"},
    Question{
        "a history does not begin with the birth of its job",
        "SELECT job_seq FROM (SELECT job_seq, type, min(seq) FROM events GROUP BY job_seq) "
        "WHERE type <> 'submit'"},
    // What is no verb of the machine is a note, and moves nothing.
    Question{
        "an event tells an illegal transition",
        "SELECT seq FROM events e WHERE from_status IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
        "transitions t WHERE t.from_status = e.from_status AND t.verb = e.type AND t.to_status "
        "= e.to_status) AND (from_status <> to_status OR type IN (SELECT verb FROM transitions))"},
    Question{
        "a job has ended and was changed since, or never told so",
        "SELECT seq FROM jobs WHERE ended_at IS NOT NULL AND (updated_at <> ended_at OR ended_at "
        "IS "
        "NOT (SELECT at FROM events WHERE job_seq = jobs.seq AND from_status IS NOT to_status "
        "ORDER BY events.seq DESC LIMIT 1))"},
    // A note is no transition: the job's clock does not go by it.
    Question{
        "time runs backwards in a history",
        "SELECT seq FROM (SELECT seq, at, lag(at) OVER (PARTITION BY job_seq ORDER BY seq) AS "
        "before FROM events WHERE type IN (SELECT verb FROM transitions)) WHERE at < before"},
    Question{
        "a job has another number of attempts than it says",
        "SELECT seq FROM jobs WHERE attempt <> (SELECT count(*) FROM attempts WHERE job_seq = "
        "jobs.seq)"},
    Question{
        "the attempts of a job are not numbered 1, 2, 3 ...",
        "SELECT job_seq FROM attempts GROUP BY job_seq HAVING min(n) <> 1 OR max(n) <> count(*)"},
    Question{
        "a later attempt has no higher fence, or one that its job never gave out",
        "SELECT a.job_seq FROM attempts a JOIN jobs j ON j.seq = a.job_seq WHERE a.fence > j.fence "
        "OR a.fence <= coalesce((SELECT fence FROM attempts WHERE job_seq = a.job_seq AND n = a.n "
        "- "
        "1), 0)"},
    Question{
        "a job has two open attempts",
        "SELECT job_seq FROM attempts WHERE ended_at IS NULL GROUP BY job_seq HAVING count(*) > 1"},
    Question{
        "a job is done though its last attempt did not end so",
        "SELECT j.seq FROM jobs j LEFT JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt "
        "WHERE j.status = 'done' AND a.outcome IS NOT 'done'"},
    Question{
        "an attempt is open though its job does not run, or closed though it does",
        "SELECT j.seq FROM jobs j JOIN attempts a ON a.job_seq = j.seq "
        "WHERE (a.ended_at IS NULL) <> (j.status = 'running' AND a.n = j.attempt)"},
    Question{
        "a queued job waits for another number of jobs than it says",
        "SELECT seq FROM jobs WHERE status = 'queued' AND open_dependencies <> (SELECT count(*) "
        "FROM dependencies WHERE job_seq = jobs.seq AND met = 0)"},
    Question{
        "a queued job waits for one that has ended",
        "SELECT j.seq FROM jobs j JOIN dependencies d ON d.job_seq = j.seq WHERE j.status = "
        "'queued' "
        "AND d.met = 0 AND NOT EXISTS (SELECT 1 FROM jobs WHERE job_id = d.after_id AND ended_at "
        "IS "
        "NULL)"},
    Question{
        "a job counts as waited for that was never done",
        "SELECT d.job_seq FROM dependencies d JOIN jobs w ON w.job_id = d.after_id WHERE d.met = 1 "
        "AND NOT EXISTS (SELECT 1 FROM events WHERE job_seq = w.seq AND to_status = 'done')"},
    Question{
        "a job has a command and no spec, or a spec and no command",
        "SELECT seq FROM jobs WHERE has_command <> EXISTS (SELECT 1 FROM job_specs WHERE job_seq = "
        "jobs.seq)"},
    Question{"a job is there and forgotten", "SELECT seq FROM tombstones JOIN jobs USING (seq)"},
    Question{
        "a process is entered as two workers",
        "SELECT max(worker_id) FROM workers GROUP BY boot_id, pid_namespace, pid, process_start "
        "HAVING count(*) > 1"},
    Question{
        "a worker was heard from before it began",
        "SELECT worker_id FROM workers WHERE heartbeat_at < started_at"},
    Question{
        "a job that could run cannot be claimed",
        "SELECT seq FROM jobs WHERE status = 'queued' AND has_command = 1 AND open_dependencies = "
        "0 "
        "AND ready = 0 AND held = 0 AND run_after IS NULL"},
};

// All that a job which has ended tells; since when it has, is part of it.
constexpr const char* kEnded =
    "SELECT job_id, status || ' ' || ended_at, quote(reason) || quote(verb) || quote(actor) || "
    "quote(progress) || quote(phase) || quote(message) || quote(current) || quote(total) || "
    "quote(run_after) || quote(started_at) || quote(updated_at) || quote(expires_at) || "
    "quote(queue) || quote(priority) || attempt || '/' || max_attempts || ' ' || fence || "
    "quote(exit_code) || quote(signal) || quote(error_code) || quote(error) || quote(result) || "
    "log_bytes || ' ' || rev FROM jobs WHERE ended_at IS NOT NULL";

SQLite::Database open_as_stranger(const std::string& ledger) {
    return SQLite::Database{ledger, SQLite::OPEN_READWRITE, 5000};
}

}  // namespace

std::vector<std::string> contradictions(const std::string& ledger) {
    std::vector<std::string> found;
    const SQLite::Database database = open_as_stranger(ledger);
    for (const Question& question : kQuestions) {
        SQLite::Statement statement{database, question.sql};
        while (statement.executeStep())
            found.push_back(
                std::string{question.wrong} + ": " + statement.getColumn(0).getString());
    }
    return found;
}

std::vector<std::string> EndedJobs::look(const std::string& ledger) {
    std::map<std::string, Ended> now;
    const SQLite::Database database = open_as_stranger(ledger);
    SQLite::Statement statement{database, kEnded};
    while (statement.executeStep()) {
        now[statement.getColumn(0).getString()] = {
            statement.getColumn(1).getString(), statement.getColumn(2).getString()};
    }
    std::vector<std::string> changed;
    for (const auto& [job_id, ended] : seen_) {
        const auto found = now.find(job_id);
        // Retried or forgotten: the history and the tombstone tell of that.
        if (found == now.end() || found->second.how != ended.how) continue;
        if (found->second.row != ended.row)
            changed.push_back("changed after its end: " + job_id + ": " + found->second.row);
    }
    seen_ = std::move(now);
    return changed;
}

}  // namespace atlasjob::test
