#include "base/error.h"
#include "ledger/job_fields.h"
#include "ledger/limits.h"
#include "ledger/policy.h"
#include "ledger/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob {

namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalid_argument, why, "fix the record");
}

void require(bool holds, std::string_view why) {
    if (!holds) refuse(std::string{why});
}

/// Below 2^53: JSON parsers read numbers as doubles, and the ledger continues from the highest.
bool is_seq(std::int64_t seq) {
    return seq >= 0 && seq < 1LL << 53U;
}

/// Applies the limits of a submitted job to an imported one.
void check_as_submitted(const JobRecord& record) {
    const Job& job = record.job;
    NewJob spec{job.job_id};
    spec.kind = job.kind;
    spec.name = job.name;
    spec.owner = job.owner;
    spec.labels = job.labels;
    spec.queue = job.queue;
    spec.priority = job.priority;
    spec.key = job.key;
    spec.max_attempts = std::min(job.max_attempts, kMaxAttempts);
    spec.timeout = job.timeout;
    spec.retention = job.retention;
    spec.lease = record.lease;
    spec.command = record.command;
    spec.hook = record.hook;
    check(spec);
    Report report;
    report.progress = job.progress;
    report.phase = job.phase;
    report.message = job.message;
    report.current = job.current;
    report.total = job.total;
    check(report);
}

void check_status(const Job& job) {
    const bool ended = is_terminal(job.status);
    const std::string_view status = to_string(job.status);
    if (job.ended_at.has_value() != ended || job.expires_at.has_value() != ended)
        refuse(fmt::format("a job that is {} cannot have ended_at or expires_at", status));
    if (!ended && (job.result || job.error))
        refuse(fmt::format("a job that is {} cannot have a result or error", status));
    require(job.status != Status::done || job.progress == 1.0, "a done job must have progress 1.0");
    require(
        job.status != Status::queued || !job.cancel_requested_at,
        "a queued job cannot have cancel_requested_at");
}

void check_times(const Job& job) {
    require(
        job.started_at.value_or(job.created_at) >= job.created_at,
        "started_at is before created_at");
    require(
        job.ended_at.value_or(job.updated_at) >= job.created_at, "ended_at is before created_at");
    if (job.started_at && job.ended_at)
        require(*job.ended_at >= *job.started_at, "ended_at is before started_at");
}

void check_numbers(const Job& job) {
    require(is_seq(job.seq), "seq is out of range");
    require(job.attempt >= 0, "attempt is below 0");
    require(job.log_bytes >= 0, "log_bytes is below 0");
    for (const auto* ids : {&job.after, &job.after_ended})
        require(std::ranges::find(*ids, job.job_id) == ids->end(), "the job depends on itself");
}

void check_usage(const std::optional<Usage>& usage) {
    if (!usage) return;
    visit_columns(kUsageFields, *usage, [](const FieldInfo& field, const auto& value) {
        using Number = typename std::decay_t<decltype(value)>::value_type;
        if (value.value_or(Number{}) < Number{}) refuse(fmt::format("{} is below 0", field.name));
    });
}

void check_end(const AttemptRecord& attempt) {
    static constexpr std::array<std::string_view, 4> kOutcomes = {
        "done", "error", "cancelled", "lost"};
    require(
        attempt.outcome.has_value() == attempt.ended_at.has_value(),
        "an attempt must have both an outcome and ended_at, or neither");
    require(
        !attempt.outcome || std::ranges::find(kOutcomes, *attempt.outcome) != kOutcomes.end(),
        "the outcome of an attempt is not one of done, error, cancelled, lost");
    require(
        attempt.ended_at.value_or(attempt.started_at) >= attempt.started_at,
        "an attempt ends before it starts");
    require(
        attempt.ended_at.has_value() || (!attempt.error && !attempt.error_code),
        "an attempt that has not ended cannot have an error");
    require(
        attempt.ended_at.has_value() || !attempt.usage,
        "an attempt that has not ended cannot have usage");
    check_usage(attempt.usage);
}

void check_attempts(const JobRecord& record) {
    if (!record.attempts) return;
    const Job& job = record.job;
    int n = 0;
    std::int64_t fence = 0;
    for (const AttemptRecord& attempt : *record.attempts) {
        require(attempt.n > n && attempt.fence > fence, "attempts are not in ascending order");
        require(attempt.fence >= attempt.n, "an attempt's fence is below its number");
        require(
            attempt.supervisor || !attempt.process, "an attempt has a process but no supervisor");
        const bool may_be_open = job.status == Status::running && attempt.n == job.attempt;
        require(
            attempt.ended_at.has_value() != may_be_open,
            "the last attempt must be open if the job is running, and every other attempt ended");
        check_end(attempt);
        n = attempt.n;
        fence = attempt.fence;
    }
    if (n != job.attempt)
        refuse(fmt::format("attempt is {}, but the last of the attempts is {}", job.attempt, n));
}

/// Fields that no submitted job gives itself.
void check_origin(const JobRecord& record) {
    const Job& job = record.job;
    check_line("group", job.group);
    check_line("schedule", job.schedule);
    check_line("account", job.account_name);
    check_line("host", job.host);
    check_line("session", job.session);
    require(
        !job.frozen || job.status == Status::running, "only a job that is running can be frozen");
    check_usage(job.usage);
    require(
        job.usage == latest_usage(attempts_of(record)),
        "usage is not that of the latest attempt that has ended");
}

void check_event(const Event& event, const JobRecord& record) {
    const bool is_word = !event.type.empty() && event.type.size() <= kMaxWord
                         && std::ranges::all_of(
                             event.type, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    require(is_word, "the type of an event is not a word of lower-case letters and _");
    require(is_seq(event.seq), "the seq of an event is out of range");
    check_line("detail", event.detail);
    require(event.job_id == record.job.job_id.view(), "an event belongs to another job");
}

void check_events(const JobRecord& record) {
    if (!record.events) return;
    std::optional<Status> status;
    for (const Event& event : *record.events) {
        check_event(event, record);
        require(event.from == status, "an event does not start from the status before it");
        status = event.to;
    }
    require(status == record.job.status, "the last event leads to a status that is not the job's");
}

}  // namespace

void check(const JobRecord& record) {
    check_as_submitted(record);
    require(record.cancel_grace.value_or(0ms) >= 0ms, "the grace is below 0");
    check_numbers(record.job);
    check_status(record.job);
    check_times(record.job);
    check_attempts(record);
    check_origin(record);
    check_events(record);
}

}  // namespace atlasjob
