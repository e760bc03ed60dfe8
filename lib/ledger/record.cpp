#include "ledger/record.h"

#include "base/text.h"
#include "ledger/job_fields.h"
#include "ledger/policy.h"
#include "ledger/transition.h"

#include <algorithm>
#include <type_traits>

namespace atlasjob {

namespace {

/// The latest of the job's times.
Time latest_time(const Job& job) {
    return std::max(
        {job.created_at, job.started_at.value_or(Time{}), job.ended_at.value_or(Time{}),
         job.updated_at});
}

void complete_end(Job& job) {
    if (!is_terminal(job.status)) return;
    if (!job.ended_at) job.ended_at = latest_time(job);
    if (!job.expires_at)
        job.expires_at = *job.ended_at + job.retention.value_or(default_retention(job.status));
    if (job.status == Status::done && !job.progress) job.progress = 1.0;
}

/// A usage without a single number is none.
void drop_empty(std::optional<Usage>& usage) {
    if (usage == Usage{}) usage.reset();
}

void complete_usage(JobRecord& record) {
    drop_empty(record.job.usage);
    if (!record.attempts) return;
    for (AttemptRecord& attempt : *record.attempts)
        drop_empty(attempt.usage);
    if (!record.job.usage) record.job.usage = latest_usage(*record.attempts);
}

void complete_attempts(JobRecord& record) {
    Job& job = record.job;
    if (record.attempts && !record.attempts->empty()) {
        job.attempt = std::max(job.attempt, record.attempts->back().n);
        job.worker = record.attempts->back().supervisor;
    }
    if (job.status == Status::running && !job.started_at) job.started_at = job.created_at;
    const bool has_run = job.status == Status::running || job.status == Status::done;
    if (!record.attempts && (has_run || job.started_at)) job.attempt = std::max(job.attempt, 1);
    job.max_attempts = std::max(job.max_attempts, job.attempt);
}

void complete_command(JobRecord& record) {
    if (record.hook && record.hook->cwd.empty()) record.hook->cwd = "/";
    if (!record.command) return;
    if (record.command->cwd.empty()) record.command->cwd = "/";
    record.job.command = record.command->argv;
    record.job.cwd = record.command->cwd;
}

void sort_uniquely(std::vector<JobId>& ids) {
    std::ranges::sort(ids);
    // clang 14 rejects the return type of std::ranges::unique.
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

/// `record` without what belongs to one ledger only.
JobRecord stripped(JobRecord record) {
    record.job.seq = 0;
    visit_members(kJobFields, record.job, [](const FieldInfo& field, auto& value) {
        using Value = std::remove_reference_t<decltype(value)>;
        if constexpr (std::is_default_constructible_v<Value>) {
            if (!field.is_imported()) value = Value{};
        }
    });
    if (!record.events) return record;
    for (Event& event : *record.events)
        event.seq = 0;
    return record;
}

bool is_same_spec(
    const std::optional<CommandSpec>& imported,
    const std::optional<CommandSpec>& stored,
    bool knows_environment) {
    if (!imported || !stored || knows_environment) return imported == stored;
    CommandSpec spec = *imported;
    spec.environment = stored->environment;
    return spec == *stored;
}

bool is_same_command(const JobRecord& imported, const JobRecord& stored) {
    return is_same_spec(imported.command, stored.command, imported.knows_environment)
           && is_same_spec(imported.hook, stored.hook, imported.knows_environment);
}

void repair(std::optional<std::string>& text) {
    if (text) text = repair_utf8(*text);
}

/// Exported JSON does not distinguish null from a missing value.
void drop_null(std::optional<std::string>& json) {
    if (json == "null") json.reset();
}

/// `record` as an export would write it: stored text need not be UTF-8, exported text always is.
JobRecord repaired(JobRecord record) {
    Job& job = record.job;
    drop_null(job.target);
    drop_null(job.result);
    if (record.attempts) {
        for (AttemptRecord& attempt : *record.attempts) {
            drop_null(attempt.result);
            repair(attempt.error);
            repair(attempt.error_code);
        }
    }
    for (auto* text : {&job.error, &job.error_code, &job.signal, &job.account_name, &job.host})
        repair(*text);
    repair(record.cancel_text);
    if (!record.events) return record;
    for (Event& event : *record.events) {
        event.actor = repair_utf8(event.actor);
        repair(event.detail);
    }
    return record;
}

}  // namespace

JobRecord completed(JobRecord record) {
    Job& job = record.job;
    if (job.queue.empty()) job.queue = "default";
    std::ranges::sort(job.labels, {}, &Label::key);
    sort_uniquely(job.after);
    sort_uniquely(job.after_ended);
    // A job that has to be done has to end, too.
    std::erase_if(job.after_ended, [&](const JobId& id) {
        return std::ranges::binary_search(job.after, id);
    });
    if (record.events && record.events->empty()) record.events.reset();
    complete_command(record);
    complete_attempts(record);
    complete_usage(record);
    complete_end(job);
    job.updated_at = latest_time(job);
    return record;
}

std::vector<AttemptRecord> attempts_of(const JobRecord& record) {
    if (record.attempts) return *record.attempts;
    const Job& job = record.job;
    if (job.attempt == 0) return {};
    AttemptRecord last;
    last.n = job.attempt;
    last.fence = job.attempt;
    last.started_at = job.started_at.value_or(job.created_at);
    if (job.status == Status::running) return {last};
    last.ended_at = std::max(last.started_at, job.ended_at.value_or(job.updated_at));
    last.outcome = is_terminal(job.status) ? to_string(job.status) : to_string(Status::error);
    last.exit_code = job.exit_code;
    last.signal = job.signal;
    last.reason = job.reason;
    last.error = job.error;
    last.error_code = job.error_code;
    last.usage = job.usage;
    return {last};
}

std::optional<Usage> latest_usage(const std::vector<AttemptRecord>& attempts) {
    const auto latest = std::find_if(attempts.rbegin(), attempts.rend(), [](const auto& one) {
        return one.ended_at.has_value();
    });
    return latest == attempts.rend() ? std::nullopt : latest->usage;
}

std::vector<Event> events_of(const JobRecord& record) {
    if (record.events) return *record.events;
    const Job& job = record.job;
    Event submitted;
    submitted.job_id = job.job_id.str();
    submitted.at = job.updated_at;
    submitted.type = to_string(Verb::submit);
    submitted.to = job.status;
    submitted.actor = job.owner;
    submitted.reason = job.reason;
    return {submitted};
}

bool is_same_content(const JobRecord& imported, const JobRecord& stored) {
    const JobRecord a = stripped(imported);
    const JobRecord b = repaired(stripped(stored));
    if (a.job != b.job || !is_same_command(a, b)) return false;
    if (a.lease != b.lease || a.cancel_grace != b.cancel_grace || a.cancel_text != b.cancel_text)
        return false;
    if (a.attempts && a.attempts != b.attempts) return false;
    return !a.events || a.events == b.events;
}

}  // namespace atlasjob
