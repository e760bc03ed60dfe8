#include "ledger/transition.h"
#include "store/ledger_case.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <regex>
#include <set>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// A ledger with one job of each status, accessed with plain SQL.
struct SchemaCase : LedgerCase {
    SchemaCase() {
        const auto store = open();
        JobFactory jobs{*store, clock};
        for (const Status status : kStatuses) {
            NewJob spec = jobs.created_spec();
            spec.name = std::string{to_string(status)};
            jobs.in(status, spec);
        }
        NewJob command = jobs.command_spec();
        command.name = "command";
        command.after = {jobs.queued(jobs.created_spec())};
        command.labels = {{"team", "core"}};
        jobs.queued(command);
        NewJob speaking = jobs.command_spec();
        speaking.name = "speaking";
        speaking.command->on_end = "true";
        jobs.in(Status::done, speaking);
    }

    /// The error message of the database for `sql`, empty if it is accepted. Changes are rolled
    /// back.
    std::string refusal(const std::string& sql) {
        database.exec("SAVEPOINT attempt");
        std::string message;
        try {
            database.exec(sql);
        } catch (const SQLite::Exception& failure) {
            message = failure.what();
        }
        database.exec("ROLLBACK TO attempt; RELEASE attempt");
        return message;
    }

    SQLite::Database database = [this] {
        SQLite::Database opened = plain_database();
        opened.exec("PRAGMA foreign_keys = ON");
        return opened;
    }();
};

/// An UPDATE of the job of status `from` that satisfies all CHECKs for any `to`, so that only the
/// trigger of the state machine can reject it.
std::string transition_sql(Status from, Verb verb, Status to) {
    const std::string ended = is_terminal(to) ? "updated_at" : "NULL";
    return "UPDATE jobs SET status = '" + std::string{to_string(to)} + "', verb = '"
           + std::string{to_string(verb)} + "', ended_at = " + ended + ", expires_at = " + ended
           + ", progress = " + (to == Status::done ? "1.0" : "NULL")
           + ", started_at = created_at, attempt = max(attempt, 1), fence = max(fence, 1), ready = 0, "
             "lease_until = NULL, suspect_at = NULL, cancel_requested_at = NULL, result = NULL, "
             "error = NULL, rev = rev + 1 WHERE name = '"
           + std::string{to_string(from)} + "'";
}

/// An invalid statement and the constraint or trigger that must reject it.
struct InvalidStatement {
    const char* rule;
    const char* sql;
};

// clang-format off
constexpr std::array kViolations = {
    InvalidStatement{"job_id_form",       "UPDATE jobs SET job_id = 'x'"},
    InvalidStatement{"kind_given",        "UPDATE jobs SET kind = '' WHERE name = 'queued'"},
    InvalidStatement{"owner_given",       "INSERT INTO jobs (job_id, kind, owner, status, verb, actor, created_at, updated_at, queue, priority, max_attempts, has_command) "
                               "SELECT '00000000-0000-7000-8000-000000000000', kind, '', status, verb, actor, created_at, updated_at, queue, priority, max_attempts, has_command FROM jobs WHERE name = 'queued'"},
    InvalidStatement{"status_valid",      "INSERT INTO jobs (job_id, kind, owner, status, verb, actor, created_at, updated_at, queue, priority, max_attempts, has_command) "
                               "SELECT '00000000-0000-7000-8000-000000000000', kind, owner, 'paused', verb, actor, created_at, updated_at, queue, priority, max_attempts, has_command FROM jobs WHERE name = 'queued'"},
    InvalidStatement{"progress_in_range", "UPDATE jobs SET progress = 1.01 WHERE name = 'running'"},
    InvalidStatement{"done_is_complete",  "UPDATE jobs SET status = 'done', verb = 'finish', ended_at = updated_at, expires_at = updated_at, lease_until = NULL, progress = 0.5 WHERE name = 'running'"},
    InvalidStatement{"counters_positive", "UPDATE jobs SET current = -1 WHERE name = 'running'"},
    InvalidStatement{"running_started",   "UPDATE jobs SET started_at = NULL WHERE name = 'running'"},
    InvalidStatement{"times_in_order",    "UPDATE jobs SET updated_at = created_at - 1 WHERE name = 'running'"},
    InvalidStatement{"terminal_ended",    "UPDATE jobs SET ended_at = updated_at, expires_at = updated_at WHERE name = 'running'"},
    InvalidStatement{"terminal_expires",  "UPDATE jobs SET expires_at = updated_at WHERE name = 'running'"},
    InvalidStatement{"result_terminal",   "UPDATE jobs SET result = '{}' WHERE name = 'running'"},
    InvalidStatement{"error_terminal",    "UPDATE jobs SET error = 'no' WHERE name = 'running'"},
    InvalidStatement{"lease_running",     "UPDATE jobs SET lease_until = updated_at WHERE name = 'queued'"},
    InvalidStatement{"suspect_leased",    "UPDATE jobs SET lease_until = NULL, suspect_at = updated_at WHERE name = 'running'"},
    InvalidStatement{"cancel_asked",      "UPDATE jobs SET cancel_requested_at = updated_at WHERE name = 'queued'"},
    InvalidStatement{"attempts_in_range", "UPDATE jobs SET attempt = max_attempts + 1, fence = 99 WHERE name = 'running'"},
    InvalidStatement{"fence_counts",      "UPDATE jobs SET fence = attempt - 1 WHERE name = 'running'"},
    InvalidStatement{"flags_valid",       "UPDATE jobs SET has_command = 2 WHERE name = 'running'"},
    InvalidStatement{"ready_can_run",     "UPDATE jobs SET ready = 1 WHERE name = 'running'"},
    InvalidStatement{"held_waits",        "UPDATE jobs SET held = 1, ready = 1, open_dependencies = 0 WHERE name = 'command'"},
    InvalidStatement{"suspect_whole",     "UPDATE jobs SET suspect_uptime_ms = 1 WHERE name = 'running'"},
    InvalidStatement{"frozen_runs",       "UPDATE jobs SET frozen = 1 WHERE name = 'queued'"},
    InvalidStatement{"freeze_asked",      "UPDATE jobs SET freeze_requested = 1 WHERE name = 'queued'"},
    InvalidStatement{"backoff_grows",     "UPDATE jobs SET backoff_factor = 0.5 WHERE name = 'queued'"},
    InvalidStatement{"held_waits",        "UPDATE jobs SET held = 2 WHERE name = 'queued'"},
    InvalidStatement{"account_valid",     "INSERT INTO jobs (job_id, kind, owner, status, verb, actor, created_at, updated_at, queue, priority, max_attempts, has_command, account_uid) "
                               "SELECT '00000000-0000-7000-8000-000000000000', kind, owner, status, verb, actor, created_at, updated_at, queue, priority, max_attempts, has_command, -2 FROM jobs WHERE name = 'queued'"},
    InvalidStatement{"has_on_end_valid",  "UPDATE jobs SET has_on_end = 2 WHERE name = 'queued'"},
    InvalidStatement{"on_end_owed",       "UPDATE jobs SET on_end_pending = 1, has_on_end = 1 WHERE name = 'running'"},
    InvalidStatement{"on_end_owed",       "UPDATE jobs SET on_end_pending = 2 WHERE name = 'queued'"},
    InvalidStatement{"worker_account_valid", "INSERT INTO workers (schema_version, host, machine_id, boot_id, pid_namespace, time_namespace, pid, process_start, slots, draining, started_at, heartbeat_at, account_uid) VALUES (10, 'h', 'm', 'b', 1, 1, 1, 1, 1, 0, 1, 1, -2)"},
    InvalidStatement{"result_from_valid", "UPDATE job_specs SET result_from = 'stderr'"},
    InvalidStatement{"argv_given",        "UPDATE job_specs SET argv = x'', on_end = NULL"},
    InvalidStatement{"keep_strays_valid", "UPDATE job_specs SET keep_strays = 2"},
    InvalidStatement{"labelled_counted",  "INSERT INTO label_counters (owner, key, value, jobs) VALUES ('a', 'b', 'c', -1)"},
    InvalidStatement{"too_long_valid",    "INSERT INTO unindexed_texts (job_seq, too_long) VALUES (1, 2)"},
    InvalidStatement{"met_valid",         "UPDATE dependencies SET met = 2"},
    InvalidStatement{"any_end_valid",     "UPDATE dependencies SET any_end = 2"},
    InvalidStatement{"on_idle_valid",     "UPDATE job_specs SET on_idle = 'sleep'"},
    InvalidStatement{"usage_ended",       "UPDATE attempts SET cpu_ms = 1 WHERE ended_at IS NULL"},
    InvalidStatement{"error_ended",       "UPDATE attempts SET error = 'broken' WHERE ended_at IS NULL"},
    InvalidStatement{"event_has_subject", "INSERT INTO events (at, type, actor) VALUES (1, 'submit', 'a')"},
    InvalidStatement{"event_has_status",  "INSERT INTO events (job_seq, at, type, actor) VALUES (1, 1, 'submit', 'a')"},
    InvalidStatement{"queue_slots_valid", "INSERT INTO queues (queue, slots) VALUES ('q', -1)"},
    InvalidStatement{"paused_whole",      "INSERT INTO queues (queue, paused_by) VALUES ('q', 'a')"},
    InvalidStatement{"elsewhere_valid",   "UPDATE attempts SET elsewhere = 2"},
    InvalidStatement{"outcome_valid",     "UPDATE attempts SET outcome = 'good', ended_at = started_at"},
    InvalidStatement{"outcome_ended",     "UPDATE attempts SET outcome = NULL WHERE ended_at IS NOT NULL"},
    InvalidStatement{"attempt_in_order",  "UPDATE attempts SET ended_at = started_at - 1, outcome = 'done'"},
    InvalidStatement{"supervisor_whole",  "UPDATE attempts SET supervisor_pid = 1"},
    InvalidStatement{"process_supervised", "UPDATE attempts SET pid = 1"},
    InvalidStatement{"jobs_counted",      "UPDATE counters SET jobs = -1"},
    InvalidStatement{"slots_given",       "INSERT INTO workers (schema_version, host, machine_id, boot_id, pid_namespace, time_namespace, pid, process_start, slots, draining, started_at, heartbeat_at) VALUES (10, 'h', 'm', 'b', 1, 1, 1, 1, 0, 1, 1, 1)"},
    InvalidStatement{"draining_valid",    "INSERT INTO workers (schema_version, host, machine_id, boot_id, pid_namespace, time_namespace, pid, process_start, slots, draining, started_at, heartbeat_at) VALUES (10, 'h', 'm', 'b', 1, 1, 1, 1, 1, 2, 1, 1)"},
};

/// Words that the small tables do not have.
constexpr std::array kUnknownWords = {
    InvalidStatement{"FOREIGN KEY", "UPDATE jobs SET reason = 'mood' WHERE name = 'running'"},
    InvalidStatement{"FOREIGN KEY", "UPDATE attempts SET reason = 'mood'"},
    InvalidStatement{"FOREIGN KEY", "INSERT INTO transitions VALUES ('queued', 'dance', 'running')"},
    InvalidStatement{"FOREIGN KEY", "INSERT INTO events (job_seq, at, type, to_status, actor) VALUES (1, 1, 'dance', 'queued', 'a')"},
};

constexpr std::array kForbidden = {
    InvalidStatement{"illegal transition of a job",             "UPDATE jobs SET verb = 'dance' WHERE name = 'queued'"},
    InvalidStatement{"a job that has ended cannot be changed",  "UPDATE jobs SET message = 'later' WHERE name = 'done'"},
    InvalidStatement{"a job that has ended cannot be changed",  "UPDATE jobs SET ended_at = ended_at + 1 WHERE name = 'error'"},
    InvalidStatement{"a job that has ended cannot be changed",  "UPDATE jobs SET exit_code = 0 WHERE name = 'cancelled'"},
    InvalidStatement{"a job that has ended cannot be changed",  "UPDATE jobs SET on_end_pending = 1 WHERE name = 'done'"},
    InvalidStatement{"a job that has ended cannot be changed",  "UPDATE jobs SET on_end_pending = 0, rev = rev + 1 WHERE name = 'speaking'"},
    InvalidStatement{"the identity of a job cannot be changed", "UPDATE jobs SET account_uid = 1 WHERE name = 'queued'"},
    InvalidStatement{"the identity of a job cannot be changed", "UPDATE jobs SET owner = 'bob' WHERE name = 'queued'"},
    InvalidStatement{"the identity of a job cannot be changed", "UPDATE jobs SET seq = 999 WHERE name = 'queued'"},
    InvalidStatement{"the identity of a job cannot be changed", "UPDATE jobs SET created_at = 0 WHERE name = 'queued'"},
    InvalidStatement{"a job that has not ended cannot be deleted", "DELETE FROM jobs WHERE name = 'queued'"},
    InvalidStatement{"a job that has not ended cannot be deleted", "DELETE FROM jobs WHERE name = 'running'"},
    InvalidStatement{"history cannot be changed",               "UPDATE events SET actor = 'nobody'"},
    InvalidStatement{"history cannot be changed",               "DELETE FROM events WHERE seq = 1"},
};
// clang-format on

}  // namespace

TEST_CASE_METHOD(SchemaCase, "database triggers allow exactly the designed transitions") {
    for (const Status from : kStatuses) {
        for (const Verb verb : kVerbs) {
            for (const Status to : kStatuses) {
                INFO(to_string(from) << " " << to_string(verb) << " " << to_string(to));
                CHECK(
                    refusal(transition_sql(from, verb, to)).empty() == is_allowed(from, verb, to));
            }
        }
    }
}

TEST_CASE_METHOD(SchemaCase, "the stored transition table matches the program") {
    std::set<std::string> stored;
    SQLite::Statement rows{
        database, "SELECT from_status || ' ' || verb || ' ' || to_status FROM transitions"};
    while (rows.executeStep())
        stored.insert(rows.getColumn(0).getString());
    std::set<std::string> known;
    for (const Transition& t : kTransitions) {
        known.insert(
            std::string{to_string(t.from)} + " " + std::string{to_string(t.verb)} + " "
            + std::string{to_string(t.to)});
    }
    CHECK(stored == known);
}

TEST_CASE_METHOD(SchemaCase, "a row that breaks a constraint is rejected by that constraint") {
    for (const InvalidStatement& wrong : kViolations) {
        INFO(wrong.sql);
        // The trigger that protects a job's identity fires before the CHECK.
        const bool identity = std::string_view{wrong.rule} == "job_id_form";
        CHECK_THAT(refusal(wrong.sql), Catch::Contains(identity ? "identity" : wrong.rule));
    }
}

TEST_CASE_METHOD(SchemaCase, "reasons and verbs and event types must be rows of their tables") {
    for (const InvalidStatement& wrong : kUnknownWords) {
        INFO(wrong.sql);
        CHECK_THAT(refusal(wrong.sql), Catch::Contains(wrong.rule));
    }
}

TEST_CASE_METHOD(SchemaCase, "the stored reasons and verbs match the program") {
    const auto words_in = [&](const std::string& sql) {
        std::set<std::string> words;
        SQLite::Statement rows{database, sql};
        while (rows.executeStep())
            words.insert(rows.getColumn(0).getString());
        return words;
    };
    std::set<std::string> reasons;
    for (const Reason reason : kReasons)
        reasons.emplace(to_string(reason));
    CHECK(words_in("SELECT reason FROM reasons") == reasons);
    std::set<std::string> verbs{"import"};
    for (const Verb verb : kVerbs)
        verbs.emplace(to_string(verb));
    CHECK(words_in("SELECT verb FROM verbs") == verbs);
    CHECK(words_in("SELECT type FROM event_types") == verbs);
}

TEST_CASE_METHOD(SchemaCase, "every schema constraint is covered by a rejected row") {
    std::set<std::string> listed;
    for (const InvalidStatement& wrong : kViolations)
        listed.insert(wrong.rule);
    std::set<std::string> named;
    SQLite::Statement tables{database, "SELECT sql FROM sqlite_schema WHERE type = 'table'"};
    static const std::regex constraint_name{"CONSTRAINT\\s+(\\w+)\\s+CHECK"};
    while (tables.executeStep()) {
        const std::string sql = tables.getColumn(0).getString();
        for (std::sregex_iterator i{sql.begin(), sql.end(), constraint_name}, end; i != end; ++i)
            named.insert((*i)[1]);
    }
    CHECK(named == listed);
}

TEST_CASE_METHOD(SchemaCase, "history cannot be changed with SQL") {
    for (const InvalidStatement& wrong : kForbidden) {
        INFO(wrong.sql);
        CHECK_THAT(refusal(wrong.sql), Catch::Contains(wrong.rule));
    }
}

TEST_CASE_METHOD(SchemaCase, "an ended job cannot change except for its owed hook") {
    SQLite::Statement columns{database, "SELECT name FROM pragma_table_info('jobs')"};
    int refused = 0;
    while (columns.executeStep()) {
        const std::string column = columns.getColumn(0).getString();
        INFO(column);
        const std::string same = "UPDATE jobs SET " + column + " = " + column + " WHERE name = ";
        if (column == "on_end_pending") {
            CHECK(refusal(same + "'speaking'").empty());
        } else {
            CHECK_FALSE(refusal(same + "'speaking'").empty());
            ++refused;
        }
    }
    CHECK(refused > 40);
    const std::string clear = "UPDATE jobs SET on_end_pending = 0 WHERE name = 'speaking'";
    CHECK(refusal(clear).empty());
    database.exec(clear);
    CHECK_THAT(
        refusal("UPDATE jobs SET on_end_pending = 1 WHERE name = 'speaking'"),
        Catch::Contains("a job that has ended cannot be changed"));
}

TEST_CASE_METHOD(SchemaCase, "deleting an ended job deletes everything that belongs to it") {
    CHECK(refusal("DELETE FROM jobs WHERE name = 'done'").empty());
    database.exec("DELETE FROM jobs WHERE name = 'done'");
    for (const char* table : {"events", "attempts", "labels", "job_specs", "dependencies"}) {
        INFO(table);
        const std::string sql = "SELECT count(*) FROM " + std::string{table}
                                + " WHERE job_seq NOT IN (SELECT seq FROM jobs)";
        CHECK(database.execAndGet(sql).getInt() == 0);
    }
}

TEST_CASE_METHOD(SchemaCase, "a key of an owner is active on at most one job") {
    const std::string two = "UPDATE jobs SET key = 'k' WHERE name IN ('queued', 'running')";
    CHECK_THAT(refusal(two), Catch::Contains("UNIQUE"));
    CHECK(refusal("UPDATE jobs SET key = 'k' WHERE name = 'queued'").empty());
}

TEST_CASE_METHOD(SchemaCase, "columns accept only values of their declared type") {
    CHECK_FALSE(refusal("UPDATE jobs SET updated_at = 'noon' WHERE name = 'queued'").empty());
    CHECK_FALSE(refusal("UPDATE jobs SET progress = 'half' WHERE name = 'queued'").empty());
    SQLite::Statement loose{
        database,
        "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND schema = 'main' "
        "AND strict = 0 AND name NOT LIKE 'sqlite_%'"};
    REQUIRE(loose.executeStep());
    CHECK(loose.getColumn(0).getInt() == 0);
}
