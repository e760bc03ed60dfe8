#include "cli/jobs/pending_reasons.h"

#include "base/file_trust.h"
#include "base/text.h"
#include "cli/options/config_file.h"
#include "process/identity.h"
#include "runner/attempt/on_end.h"
#include "runner/worker/ensure_worker.h"
#include "view/time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace atlasjob::cli {

namespace {

void add_pauses(std::vector<view::PendingReason>& reasons, Store& store, const Job& job, Time now) {
    for (const PausedQueue& pause : store.paused_queues()) {
        if (pause.queue && *pause.queue != job.queue) continue;
        reasons.push_back(
            {fmt::format(
                 "{} was paused by {} {}",
                 pause.queue ? fmt::format("queue {}", *pause.queue) : "every queue", pause.actor,
                 view::relative_text(pause.since, now)),
             pause.queue ? fmt::format("atlasjob resume {}", *pause.queue) : "atlasjob resume",
             "resumes it"});
    }
}

void add_dependencies(
    std::vector<view::PendingReason>& reasons,
    Store& store,
    const Job& job,
    const Principal& principal) {
    const auto add = [&](const JobId& id, std::string_view wanted) {
        const auto other = store.get(JobRef::of(id), principal, Detail::summary);
        if (!other || other->status == Status::done) return;
        if (is_terminal(other->status) && !wanted.empty()) return;
        reasons.push_back(
            {fmt::format(
                 "it waits for{} job #{}, which is {}", wanted, other->seq,
                 to_string(other->status)),
             fmt::format("atlasjob status {}", other->seq), "shows that job"});
    };
    for (const JobId& id : job.after)
        add(id, "");
    for (const JobId& id : job.after_ended)
        add(id, " the end of");
}

/// Why no worker serves the job, and what to do about it.
view::PendingReason why_no_worker(Store& store, const Job& job) {
    const auto own = own_account();
    if (job.account && job.account != own) {
        return {fmt::format(
            "only a worker of account {} can run it",
            account_text(static_cast<uid_t>(*job.account)))};
    }
    if (const auto reason = store.why_untrusted()) {
        return {
            fmt::format("this account does not start a worker: {}", repair_utf8(*reason)),
            "atlasjob doctor", "shows how to fix it"};
    }
    return {
        fmt::format("no worker serves queue {}", job.queue), "atlasjob worker --drain",
        "runs the queued jobs; atlasjob gc starts a worker in the background"};
}

/// Reasons for a job that could start: its queue is full, it has no worker, or all are busy.
void add_queue_load(
    std::vector<view::PendingReason>& reasons,
    const Context& context,
    Store& store,
    const Job& job) {
    const QueueLoad load =
        queue_load(store, job.queue, job.account, context.config().queue_slots(), context.now());
    if (load.is_full()) {
        reasons.push_back({fmt::format(
            "queue {} is full: {} of {} running", job.queue, load.running, *load.limit)});
    } else if (load.slots == 0) {
        reasons.push_back(why_no_worker(store, job));
    } else if (load.is_busy()) {
        reasons.push_back({fmt::format(
            "all workers are busy: {} slot{} for queue {}, and other jobs come first", load.slots,
            load.slots == 1 ? "" : "s", job.queue)});
    }
}

/// Describes queued jobs of other accounts that have no worker; empty if there are none.
std::string unserved_text(Store& store, const std::vector<Worker>& living) {
    std::map<AccountId, std::int64_t> waiting;
    for (const RunnableJobs& jobs : store.runnable_jobs()) {
        const bool served = std::ranges::any_of(
            living, [&](const Worker& worker) { return worker.runs_for(jobs.account); });
        if (jobs.account && jobs.account != own_account() && !served)
            waiting[*jobs.account] += jobs.count;
    }
    std::string text;
    for (const auto& [account, count] : waiting) {
        text += fmt::format(
            "{}{} queued job{} of account {} need{} a worker of that account",
            text.empty() ? "" : "; ", count, count == 1 ? "" : "s",
            account_text(static_cast<uid_t>(account)), count == 1 ? "s" : "");
    }
    return text;
}

std::string worker_text(const Worker& worker) {
    std::string queues;
    for (const std::string& queue : worker.is.queues)
        queues += fmt::format("{}{}", queues.empty() ? "" : " ", queue);
    return fmt::format(
        "pid {} on {}, {} slot{}, {}{}{}", worker.is.process.pid, worker.is.process.host,
        worker.is.slots, worker.is.slots == 1 ? "" : "s",
        queues.empty() ? std::string{"every queue"} : "queues " + queues,
        worker.is.account ? "" : ", every account", worker.draining ? ", draining" : "");
}

/// Workers of this machine that hang, a clause each; empty if there are none.
std::string silent_text(const std::vector<Worker>& workers, Time now) {
    std::string text;
    for (const Worker& worker : workers) {
        const bool exists = liveness_of(worker.is.process) == Liveness::alive;
        if (!exists || !is_silent(worker, now)) continue;
        text += fmt::format(
            "{}pid {} on {}: no sign of life since {}{}", text.empty() ? "" : "; ",
            worker.is.process.pid, worker.is.process.host,
            view::relative_text(worker.heartbeat_at, now),
            is_stopped(worker.is.process) ? " (it is stopped)" : "");
    }
    return text;
}

}  // namespace

std::vector<view::PendingReason> pending_reasons(
    const Context& context, Store& store, const Job& job) {
    const Time now = context.now();
    std::vector<view::PendingReason> reasons;
    if (job.status != Status::queued) return reasons;
    if (job.held) {
        reasons.push_back(
            {"it was imported, and imported jobs do not start by themselves",
             fmt::format("atlasjob retry {}", job.seq), "runs it here"});
    }
    add_dependencies(reasons, store, job, context.principal());
    if (job.command.empty()) return reasons;
    if (job.run_after && *job.run_after > now) {
        reasons.push_back(
            {fmt::format("it is not due yet: it starts {}", view::time_text(*job.run_after, now)),
             fmt::format("atlasjob edit {} --at TIME", job.seq), "changes the time"});
    }
    add_pauses(reasons, store, job, now);
    if (reasons.empty()) add_queue_load(reasons, context, store, job);
    return reasons;
}

Finding check_leases(Store& store, Time now) {
    using Level = Finding::Level;
    std::string lost;
    for (const RunningAttempt& attempt : store.running_attempts()) {
        const bool gone = attempt.supervisor && liveness_of(*attempt.supervisor) == Liveness::gone;
        if (!gone && !(attempt.lease_until && *attempt.lease_until <= now)) continue;
        lost += fmt::format(
            "{}job {}: {}", lost.empty() ? "" : "; ", attempt.seq,
            gone ? std::string{"its process is gone"}
                 : "no heartbeat since " + view::relative_text(*attempt.lease_until, now));
    }
    if (lost.empty()) return {Level::ok, "leases", "no running job is lost", {}};
    return {Level::problem, "leases", lost, "run atlasjob gc to reap them"};
}

Finding check_workers(Store& store, Time now) {
    using Level = Finding::Level;
    std::vector<Worker> workers = store.workers();
    const std::string silent = silent_text(workers, now);
    std::erase_if(workers, [&](const Worker& worker) { return !is_serving(worker, now); });
    std::string living;
    for (const Worker& worker : workers)
        living += (living.empty() ? "" : "; ") + worker_text(worker);
    if (!silent.empty()) {
        return {
            Level::problem, "workers", silent + (living.empty() ? "" : "; serving: " + living),
            "continue it (kill -CONT PID) or kill it; atlasjob gc starts another for queued jobs"};
    }
    const std::string unserved = unserved_text(store, workers);
    if (!unserved.empty()) {
        return {
            Level::note, "workers", (living.empty() ? "" : living + "; ") + unserved,
            "run atlasjob worker as that account, or cancel the jobs"};
    }
    if (!living.empty()) return {Level::ok, "workers", living, {}};
    const std::int64_t waiting = store.count_runnable({});
    if (waiting == 0) return {Level::ok, "workers", "none running and none needed", {}};
    return {
        Level::note, "workers", fmt::format("none running, but {} queued jobs need one", waiting),
        "run atlasjob gc to start one in the background, or atlasjob worker"};
}

}  // namespace atlasjob::cli
