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
        "a job's last event tells another status",
        "SELECT seq FROM jobs WHERE status IS NOT (SELECT to_status FROM events "
        "WHERE job_seq = jobs.seq ORDER BY events.seq DESC LIMIT 1)"},
    Question{
        "an event does not go on where the one before it ended",
        "SELECT seq FROM (SELECT seq, from_status, lag(to_status) OVER (PARTITION BY job_seq "
        "ORDER BY seq) AS before FROM events) WHERE from_status IS NOT before"},
    Question{
        "an event tells an illegal transition",
        "SELECT seq FROM events WHERE from_status IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
        "transitions t WHERE t.from_status = events.from_status AND t.verb = type AND t.to_status "
        "= events.to_status)"},
    Question{
        "time runs backwards in a history",
        "SELECT seq FROM (SELECT seq, at, lag(at) OVER (PARTITION BY job_seq ORDER BY seq) AS "
        "before FROM events) WHERE at < before"},
    Question{
        "a job has another number of attempts than it says",
        "SELECT seq FROM jobs WHERE attempt <> (SELECT count(*) FROM attempts WHERE job_seq = "
        "jobs.seq)"},
    Question{
        "an attempt is open though its job does not run, or closed though it does",
        "SELECT j.seq FROM jobs j JOIN attempts a ON a.job_seq = j.seq "
        "WHERE (a.ended_at IS NULL) <> (j.status = 'running' AND a.n = j.attempt)"},
    Question{
        "a queued job waits for another number of jobs than it says",
        "SELECT seq FROM jobs WHERE status = 'queued' AND open_dependencies <> (SELECT count(*) "
        "FROM dependencies WHERE job_seq = jobs.seq AND met = 0)"},
    Question{
        "a job that could run cannot be claimed",
        "SELECT seq FROM jobs WHERE status = 'queued' AND has_command = 1 AND open_dependencies = "
        "0 "
        "AND ready = 0 AND run_after IS NULL"},
};

}  // namespace

std::vector<std::string> contradictions(const std::string& ledger) {
    std::vector<std::string> found;
    SQLite::Database database{ledger, SQLite::OPEN_READWRITE, 5000};
    for (const Question& question : kQuestions) {
        SQLite::Statement statement{database, question.sql};
        while (statement.executeStep())
            found.push_back(
                std::string{question.wrong} + ": " + statement.getColumn(0).getString());
    }
    return found;
}

}  // namespace atlasjob::test
