#include "cli/waiting.h"

#include "cli/config_file.h"
#include "process/identity.h"
#include "view/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace atlasjob::cli {

namespace {

bool lives(const Worker& worker, Time now) {
    return is_alive(worker, liveness_of(worker.is.process), now);
}

/// Live workers that serve a queue; those that leave count no more.
std::vector<Worker> workers_for(Store& store, const std::string& queue, Time now) {
    std::vector<Worker> workers = store.workers();
    std::erase_if(workers, [&](const Worker& worker) {
        return worker.draining || !worker.serves(queue) || !lives(worker, now);
    });
    return workers;
}

int count_slots(const std::vector<Worker>& workers) {
    return std::accumulate(workers.begin(), workers.end(), 0, [](int sum, const Worker& worker) {
        return sum + worker.is.slots;
    });
}

/// How many jobs hold a place in a queue.
std::int64_t count_running(Store& store, const std::string& queue) {
    return std::ranges::count_if(store.running_attempts(), [&](const RunningAttempt& attempt) {
        return !attempt.elsewhere && attempt.queue == queue;
    });
}

/// How many commands are run that one of these may be running.
std::int64_t count_commands(Store& store, const std::vector<Worker>& workers) {
    return std::ranges::count_if(store.running_attempts(), [&](const RunningAttempt& attempt) {
        return attempt.supervisor && std::ranges::any_of(workers, [&](const Worker& worker) {
                   return worker.serves(attempt.queue);
               });
    });
}

void add_pauses(std::vector<view::Obstacle>& obstacles, Store& store, const Job& job, Time now) {
    for (const PausedQueue& pause : store.paused_queues()) {
        if (pause.queue && *pause.queue != job.queue) continue;
        obstacles.push_back(
            {fmt::format(
                 "{} was paused by {} {}",
                 pause.queue ? fmt::format("queue {}", *pause.queue) : "every queue", pause.actor,
                 view::relative_text(pause.since, now)),
             pause.queue ? fmt::format("atlasjob resume {}", *pause.queue) : "atlasjob resume",
             "lets what is queued start again"});
    }
}

void add_dependencies(
    std::vector<view::Obstacle>& obstacles,
    Store& store,
    const Job& job,
    const Principal& principal) {
    for (const JobId& id : job.after) {
        const auto other = store.get(JobRef::of(id), principal, Detail::summary);
        if (!other || other->status == Status::done) continue;
        obstacles.push_back(
            {fmt::format(
                 "it comes after job #{}, which is {}", other->seq, to_string(other->status)),
             fmt::format("atlasjob status {}", other->seq), "shows what it waits for"});
    }
}

/// What is in the way of a job that could start: its queue has no room, or nobody is free.
void add_crowd(
    std::vector<view::Obstacle>& obstacles, const Context& context, Store& store, const Job& job) {
    const auto limits = context.config().queue_slots();
    const auto limit = limits.find(job.queue);
    const std::int64_t running = limit == limits.end() ? 0 : count_running(store, job.queue);
    if (limit != limits.end() && running >= limit->second) {
        obstacles.push_back(
            {fmt::format("queue {} is full: {} of {} running", job.queue, running, limit->second)});
        return;
    }
    const std::vector<Worker> workers = workers_for(store, job.queue, context.now());
    const int slots = count_slots(workers);
    if (slots == 0) {
        obstacles.push_back(
            {fmt::format("no worker serves queue {}", job.queue), "atlasjob worker --drain",
             "runs what is queued; atlasjob gc starts one in the background"});
    } else if (count_commands(store, workers) >= slots) {
        obstacles.push_back({fmt::format(
            "every worker is busy: {} slot{} for queue {}, and others come first", slots,
            slots == 1 ? "" : "s", job.queue)});
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

std::vector<view::Obstacle> waits_for(const Context& context, Store& store, const Job& job) {
    const Time now = context.now();
    std::vector<view::Obstacle> obstacles;
    if (job.status != Status::queued) return obstacles;
    if (job.held) {
        obstacles.push_back(
            {"it was imported, and nothing that was runs by itself",
             fmt::format("atlasjob retry {}", job.seq), "lets it run here"});
    }
    add_dependencies(obstacles, store, job, context.principal());
    if (job.command.empty()) return obstacles;
    if (job.run_after && *job.run_after > now) {
        obstacles.push_back(
            {fmt::format(
                 "it is not due yet: its time comes {}", view::moment_text(*job.run_after, now)),
             fmt::format("atlasjob edit {} --at TIME", job.seq), "sets another time"});
    }
    add_pauses(obstacles, store, job, now);
    if (obstacles.empty()) add_crowd(obstacles, context, store, job);
    return obstacles;
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
