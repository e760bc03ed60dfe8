#include "mcp/jobs/job_run.h"

#include "jobs/jobs.h"
#include "ledger/transition.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace atlasjob::mcp {

namespace {

/// For what a caller may see, as it has been found before.
const Principal kEverybody{"", true};

EventQuery history_of(const JobId& id, std::vector<std::string> types = {}) {
    EventQuery query;
    query.job_id = id;
    query.limit = std::numeric_limits<int>::max();
    query.types = std::move(types);
    return query;
}

std::string type_of(Verb verb) {
    return std::string{to_string(verb)};
}

std::vector<std::string> ends_and_retries() {
    return {type_of(Verb::retry),  type_of(Verb::finish),
            type_of(Verb::cancel), type_of(Verb::fail_dependency),
            type_of(Verb::reap),   std::string{jobs::kWaitCancelled}};
}

/// How an event changes the number of attempts: an attempt whose command was never spawned is
/// undone.
int attempts_opened(const Event& event) {
    const bool opens = event.to == Status::running && event.from != Status::running;
    if (opens) return 1;
    const bool handed_back = event.type == type_of(Verb::release) && event.to == Status::queued;
    const bool undone =
        event.type == type_of(Verb::reap) && event.to == Status::queued && !event.reason;
    return handed_back || undone ? -1 : 0;
}

/// A run that was followed by another: its last transition, and the attempts before and after it.
struct EndedRun {
    Status status = Status::error;
    std::optional<Reason> reason;
    Time ended_at;
    std::optional<Time> cancel_requested_at;
    int attempts_before = 0;
    int attempts_after = 0;
};

/// `retry` is the event that followed the run, and `begun_seq` the one that began it.
EndedRun ended_run(const std::vector<Event>& history, const Event& retry, std::int64_t begun_seq) {
    EndedRun run;
    run.status = retry.from.value_or(Status::error);
    run.ended_at = retry.at;
    for (const Event& event : history) {
        if (event.seq >= retry.seq) break;
        run.attempts_after += attempts_opened(event);
        if (event.seq <= begun_seq) {
            run.attempts_before = run.attempts_after;
            continue;
        }
        if (event.type == type_of(Verb::request_cancel)) run.cancel_requested_at = event.at;
        if (event.from == event.to) continue;
        run.reason = event.reason;
        if (is_terminal(event.to)) run.ended_at = event.at;
    }
    return run;
}

/// For a run that ended without an attempt, or was imported without its errors.
std::string error_text(const EndedRun& run, const Job& job) {
    switch (run.reason.value_or(Reason::exit_code)) {
        case Reason::exit_code:
            return job.exit_code ? fmt::format("command exited with {}", *job.exit_code)
                                 : "the job ended in error";
        case Reason::signal:
            return fmt::format("command was killed by {}", job.signal.value_or("a signal"));
        case Reason::timeout:
            return "command ran longer than its timeout";
        case Reason::worker_lost:
            return "the process that ran it is gone";
        case Reason::start_failed:
            return "command did not start";
        case Reason::shutdown:
            return "stopped because its worker was shut down";
        case Reason::invalid_result:
            return "command's output is not JSON";
        case Reason::dependency:
            return "a dependency did not end as done";
        case Reason::user:
            return "Cancelled by user";
        case Reason::partial:
            return "the job ended in error";
    }
    return "the job ended in error";
}

/// A cancelled job has a code only if its dependency failed.
void complete_error(Job& job, const EndedRun& run) {
    if (job.status == Status::done || job.error) return;
    job.error = error_text(run, job);
    const bool has_code = job.status == Status::error || job.reason == Reason::dependency;
    if (has_code && job.reason) job.error_code = to_string(*job.reason);
}

void set_attempt(Job& job, const AttemptRecord& attempt) {
    job.attempt = attempt.n;
    job.started_at = attempt.started_at;
    job.exit_code = attempt.exit_code;
    job.signal = attempt.signal;
    job.worker = attempt.supervisor;
    job.usage = attempt.usage;
    job.error = attempt.error;
    job.error_code = attempt.error_code;
    if (job.status == Status::done) job.result = attempt.result;
}

/// A job that is active or ended otherwise by now, without what belongs to its current run.
Job without_run(const Job& now) {
    Job job{now.job_id};
    job.seq = now.seq;
    job.kind = now.kind;
    job.name = now.name;
    job.target = now.target;
    job.owner = now.owner;
    job.labels = now.labels;
    job.created_at = now.created_at;
    job.queue = now.queue;
    job.priority = now.priority;
    job.max_attempts = now.max_attempts;
    job.timeout = now.timeout;
    job.retention = now.retention;
    job.key = now.key;
    job.after = now.after;
    job.after_ended = now.after_ended;
    job.command = now.command;
    job.cwd = now.cwd;
    job.log_bytes = now.log_bytes;
    job.rev = now.rev;
    job.account = now.account;
    job.account_name = now.account_name;
    job.host = now.host;
    job.group = now.group;
    job.schedule = now.schedule;
    job.scheduled_for = now.scheduled_for;
    return job;
}

/// The events of a run, of a job's whole history.
struct RunEvents {
    std::vector<Event> history;
    std::int64_t begun_seq = 0;  ///< The event that began the run; 0: the job's first.
    std::int64_t next_seq = 0;   ///< The event that began the next one.

    RunEvents(Store& store, const JobRuns& runs, int run)
        : history(store.events_since(history_of(runs.job.job_id), kEverybody)),
          begun_seq(run == 0 ? 0 : runs.retries.at(static_cast<std::size_t>(run) - 1).seq),
          next_seq(
              run == runs.latest() ? std::numeric_limits<std::int64_t>::max()
                                   : runs.retries.at(static_cast<std::size_t>(run)).seq) {}
};

void set_started_attempt(Store& store, Job& job) {
    const std::vector<AttemptRecord> attempts = store.attempts_of(job.job_id);
    const auto attempt = std::ranges::find(attempts, job.attempt, &AttemptRecord::n);
    if (attempt == attempts.end()) return;
    job.started_at = attempt->started_at;
    job.worker = attempt->supervisor;
}

}  // namespace

Time JobRuns::began_at(int run) const {
    return run == 0 ? job.created_at : retries.at(static_cast<std::size_t>(run) - 1).at;
}

std::optional<JobRuns> find_runs(Store& store, const JobId& id, const Principal& principal) {
    // In this order: a retry in between makes the job of its last run look active, not ended.
    std::vector<Event> events = store.events_since(history_of(id, ends_and_retries()), principal);
    auto job = store.get(JobRef::of(id), principal, Detail::full);
    if (!job) return {};
    JobRuns runs{std::move(*job), std::move(events), {}};
    std::ranges::copy_if(runs.events, std::back_inserter(runs.retries), [](const Event& event) {
        return event.type == to_string(Verb::retry);
    });
    return runs;
}

int latest_run_of(Store& store, const JobId& id) {
    return static_cast<int>(
        store.events_since(history_of(id, {type_of(Verb::retry)}), kEverybody).size());
}

Job job_of_run(Store& store, const JobRuns& runs, int run) {
    if (run == runs.latest()) return runs.job;
    const auto number = static_cast<std::size_t>(run);
    const JobId& id = runs.job.job_id;
    const RunEvents events{store, runs, run};
    const EndedRun ended = ended_run(events.history, runs.retries.at(number), events.begun_seq);
    Job job = without_run(runs.job);
    job.status = ended.status;
    job.reason = ended.reason;
    job.ended_at = ended.ended_at;
    job.updated_at = ended.ended_at;
    job.cancel_requested_at = ended.cancel_requested_at;
    job.attempt = ended.attempts_after;
    if (job.status == Status::done) job.progress = 1.0;
    const std::vector<AttemptRecord> attempts = store.attempts_of(id);
    const auto attempt = std::ranges::find(attempts, ended.attempts_after, &AttemptRecord::n);
    if (ended.attempts_after > ended.attempts_before && attempt != attempts.end())
        set_attempt(job, *attempt);
    complete_error(job, ended);
    return job;
}

std::optional<Job> job_after(
    Store& store, const JobId& id, const Principal& principal, const Event& end) {
    const auto runs = find_runs(store, id, principal);
    if (!runs) return {};
    const auto run = std::ranges::count_if(
        runs->retries, [&](const Event& retry) { return retry.seq < end.seq; });
    return job_of_run(store, *runs, static_cast<int>(run));
}

Job job_at(Store& store, const JobRuns& runs, int run, Time at) {
    const RunEvents events{store, runs, run};
    Job job = without_run(runs.job);
    job.updated_at = runs.began_at(run);
    bool has_changed = run != runs.latest();
    for (const Event& event : events.history) {
        if (event.seq >= events.next_seq) break;
        const bool is_transition = event.from != event.to;
        has_changed |= is_transition && event.at > at;
        if (event.at > at) continue;
        job.attempt += attempts_opened(event);
        if (event.seq < events.begun_seq) continue;
        if (event.type == type_of(Verb::request_cancel)) job.cancel_requested_at = event.at;
        if (!is_transition) continue;
        job.status = event.to;
        job.reason = event.reason;
        job.updated_at = event.at;
    }
    if (!has_changed) return runs.job;
    if (job.status == Status::running) set_started_attempt(store, job);
    return job;
}

}  // namespace atlasjob::mcp
