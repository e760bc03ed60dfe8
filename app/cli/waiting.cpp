#include "cli/waiting.h"

#include "process/identity.h"
#include "view/moments.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

bool lives(const Worker& worker, Time now) {
    return is_alive(worker, liveness_of(worker.is.process), now);
}

bool has_worker(Store& store, const std::string& queue, Time now) {
    const auto workers = store.workers();
    return std::ranges::any_of(workers, [&](const Worker& worker) {
        return !worker.draining && worker.serves(queue) && lives(worker, now);
    });
}

void add_pauses(std::vector<std::string>& lines, Store& store, const Job& job, Time now) {
    for (const PausedQueue& pause : store.paused_queues()) {
        if (pause.queue && *pause.queue != job.queue) continue;
        lines.push_back(fmt::format(
            "{} was paused by {} {}", pause.queue ? "queue " + *pause.queue : "every queue",
            pause.actor, view::relative_text(pause.since, now)));
    }
}

void add_dependencies(
    std::vector<std::string>& lines, Store& store, const Job& job, const Principal& principal) {
    for (const JobId& id : job.after) {
        const auto other = store.get(JobRef::of(id), principal, Detail::summary);
        if (!other || other->status == Status::done) continue;
        lines.push_back(fmt::format("job {} is {}", other->seq, to_string(other->status)));
    }
}

std::string worker_text(const Worker& worker) {
    std::string queues;
    for (const std::string& queue : worker.is.queues)
        queues += fmt::format("{}{}", queues.empty() ? "" : " ", queue);
    return fmt::format(
        "pid {} on {}, {} slot{}, {}{}", worker.is.process.pid, worker.is.process.host,
        worker.is.slots, worker.is.slots == 1 ? "" : "s",
        queues.empty() ? std::string{"every queue"} : "queues " + queues,
        worker.draining ? ", draining" : "");
}

}  // namespace

std::vector<std::string> waits_for(
    Store& store, const Job& job, const Principal& principal, Time now) {
    std::vector<std::string> lines;
    if (job.status != Status::queued) return lines;
    add_dependencies(lines, store, job, principal);
    if (job.command.empty()) return lines;
    if (job.held)
        lines.push_back(fmt::format("it was imported: atlasjob retry {} runs it here", job.seq));
    if (job.run_after && *job.run_after > now) {
        lines.push_back(fmt::format("its time comes {}", view::relative_text(*job.run_after, now)));
    }
    add_pauses(lines, store, job, now);
    if (lines.empty() && !has_worker(store, job.queue, now)) {
        lines.emplace_back("no worker is there: atlasjob gc or atlasjob worker starts one");
    }
    return lines;
}

Finding check_leases(Store& store, Time now) {
    using Level = Finding::Level;
    std::string lost;
    for (const RunningAttempt& attempt : store.running_attempts()) {
        const bool gone = attempt.supervisor && liveness_of(*attempt.supervisor) == Liveness::gone;
        if (!gone && !(attempt.lease_until && *attempt.lease_until <= now)) continue;
        lost += fmt::format(
            "{}job {}: {}", lost.empty() ? "" : "; ", attempt.seq,
            gone ? std::string{"the process that ran it is gone"}
                 : "no sign of life since " + view::relative_text(*attempt.lease_until, now));
    }
    if (lost.empty()) return {Level::ok, "leases", "no running job is lost", {}};
    return {Level::problem, "leases", lost, "atlasjob gc settles them"};
}

Finding check_workers(Store& store, Time now) {
    using Level = Finding::Level;
    std::string living;
    for (const Worker& worker : store.workers()) {
        if (!lives(worker, now)) continue;
        living += (living.empty() ? "" : "; ") + worker_text(worker);
    }
    if (!living.empty()) return {Level::ok, "workers", living, {}};
    const std::int64_t waiting = store.count_runnable();
    if (waiting == 0) return {Level::ok, "workers", "none, and nothing waits for one", {}};
    return {
        Level::note, "workers", fmt::format("none, and {} queued jobs wait for one", waiting),
        "atlasjob gc starts one, atlasjob worker is one"};
}

}  // namespace atlasjob::cli
