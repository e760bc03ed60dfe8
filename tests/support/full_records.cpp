#include "support/full_records.h"

#include "ledger/job_fields.h"

#include <type_traits>

namespace atlasjob::test {

namespace {

using namespace std::chrono_literals;

const Time kCreatedAt = from_ms(1'795'348'800'250);

JobId id(std::string_view last_digit) {
    return JobId::parse("01a20320-a2fb-7a02-b2c2-1d3e4f50607" + std::string{last_digit}).value();
}

AttemptRecord attempt(int n) {
    AttemptRecord attempt;
    attempt.n = n;
    attempt.fence = n;
    attempt.supervisor = ProcessIdentity{"h1", "machine", "boot", 1, 2, 4711, 99};
    attempt.started_at = kCreatedAt + n * 1min;
    return attempt;
}

AttemptRecord ended_attempt(int n) {
    AttemptRecord ended = attempt(n);
    ended.ended_at = ended.started_at + 30s;
    ended.exit_code = 3;
    ended.signal = "SIGKILL";
    ended.outcome = "error";
    ended.reason = Reason::exit_code;
    ended.error = "command exited with 3";
    ended.error_code = "exit_code";
    ended.result = R"({"files":[1]})";
    ended.usage = Usage{5120ms + n * 1ms, 104857600, 8192, 4096, n};
    return ended;
}

void describe(Job& job) {
    job.kind = "sync";
    job.name = "nightly";
    job.target = R"({"channel_id":"C0ENG"})";
    job.owner = "alice";
    job.labels = {{"env", "prod"}, {"team", "data"}};
    job.queue = "night";
    job.priority = 3;
    job.max_attempts = 3;
    job.timeout = 90s;
    job.retention = 48h;
    job.key = "sync-C0ENG";
    job.after = {id("9")};
    job.after_ended = {id("8")};
    job.group = "release-7";
    job.schedule = "every-night";
    job.scheduled_for = kCreatedAt - 250ms;
    job.account_name = "alice";
    job.host = "h1";
    job.session = "7d9f6a1e-5b0c-4f52-9f0e-2f1f3d1c0a55";
}

void add_progress(Job& job) {
    job.reason = Reason::exit_code;
    job.progress = 0.42;
    job.phase = "embedding";
    job.message = "300/711";
    job.current = 300;
    job.total = 711;
    job.created_at = kCreatedAt;
    job.run_after = kCreatedAt + 1s;
    job.attempt = 2;
    job.started_at = kCreatedAt + 2min;
    job.updated_at = kCreatedAt + 2min + 30s;
    job.cancel_requested_at = kCreatedAt + 2min + 10s;
    job.log_bytes = 10240;
}

void end(Job& job) {
    job.status = Status::error;
    job.ended_at = job.updated_at;
    job.expires_at = *job.ended_at + 48h;
    job.result = R"({"files":[1,2]})";
    job.error = "command exited with 3";
    job.error_code = "exit_code";
    job.exit_code = 3;
    job.signal = "SIGKILL";
}

JobRecord failed_record() {
    JobRecord record{id("1")};
    record.job.seq = 42;
    describe(record.job);
    add_progress(record.job);
    end(record.job);
    record.attempts = {ended_attempt(1), ended_attempt(2)};
    record.command.emplace();
    record.command->argv = {"./sync.sh", "C0ENG"};
    record.command->cwd = "/srv/app";
    record.knows_environment = true;
    return completed(std::move(record));
}

JobRecord frozen_record() {
    JobRecord record{id("2")};
    record.job.seq = 43;
    describe(record.job);
    add_progress(record.job);
    record.job.status = Status::running;
    record.job.frozen = true;
    record.job.scheduled_for = kCreatedAt;
    record.attempts = {ended_attempt(1), attempt(2)};
    return completed(std::move(record));
}

}  // namespace

std::vector<JobRecord> full_records() {
    return {failed_record(), frozen_record()};
}

std::set<std::string_view> fields_given(const JobRecord& record) {
    std::set<std::string_view> names;
    visit_members(kJobFields, record.job, [&](const FieldInfo& field, const auto& value) {
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_default_constructible_v<Value>) {
            if (field.is_imported() && value != Value{}) names.insert(field.name);
        } else {
            names.insert(field.name);
        }
    });
    return names;
}

}  // namespace atlasjob::test
