#include "mcp/protocol/task.h"

#include "jobs/jobs.h"
#include "ledger/transition.h"
#include "mcp/contracts/contract.h"
#include "mcp/protocol/progress_notification.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using namespace std::chrono_literals;

/// How far ahead of the clock a wait may begin: a clock may be set back a little, and waits that
/// would be one that was cancelled are moved ahead.
constexpr auto kMaxAhead = 60s;

/// Fast for the first minute, so that short jobs are noticed soon; slow after that.
milliseconds poll_interval(const Task& task, Time now) {
    return now - task.created_at < 1min ? milliseconds{1s} : milliseconds{5s};
}

/// Counted from the creation, as tasks define it.
std::optional<std::int64_t> time_to_live(const Task& task) {
    if (!task.job.expires_at) return {};
    return (*task.job.expires_at - task.created_at).count();
}

bool run_is_over(const Task& task) {
    return is_terminal(task.job.status);
}

/// The run that a wait is for: the latest that had begun when the wait did. With a clock that was
/// set back since, the first that it may be for. nullopt: the id was never given out.
std::optional<int> awaited_run(const JobRuns& runs, const WaitCode& wait) {
    std::optional<int> first;
    std::optional<int> latest;
    for (int run = 0; run <= runs.latest(); ++run) {
        if (!wait.may_be_for(run)) continue;
        if (!first) first = run;
        if (runs.began_at(run) < wait.began_at(runs.job) + 1s) latest = run;
    }
    return latest ? latest : first;
}

/// Where a wait stands: what came first of the run's end, its own cancelling and its limit.
class WaitHistory {
  public:
    WaitHistory(const JobRuns& runs, int run, const WaitCode& wait)
        : runs_(runs), run_(run), detail_(wait_detail(wait)) {}

    /// Sets what ended the wait.
    void judge(Task& task, Time now) const {
        const Event* const end = first_end();
        const bool cancelled = end != nullptr && end->type == jobs::kWaitCancelled;
        const bool ended = end != nullptr || is_terminal(task.job.status);
        const Time ended_at = end != nullptr ? end->at : task.job.ended_at.value_or(now);
        if (task.deadline && *task.deadline < (ended ? ended_at : now)) {
            task.wait_end = WaitEnd::timed_out;
            task.updated_at = *task.deadline;
        } else if (cancelled) {
            task.wait_end = WaitEnd::cancelled;
            task.updated_at = std::max(ended_at, task.created_at);
        }
    }

  private:
    /// The run's end or the cancelling of the wait, whichever came first; nullptr if neither did.
    const Event* first_end() const {
        int run = 0;
        for (const Event& event : runs_.events) {
            if (event.type == to_string(Verb::retry)) ++run;
            if (run < run_) continue;
            if (run > run_) break;
            const bool is_cancel = event.type == jobs::kWaitCancelled;
            if (is_cancel && event.detail == detail_) return &event;
            if (!is_cancel && is_terminal(event.to)) return &event;
        }
        return nullptr;
    }

    const JobRuns& runs_;
    int run_;
    std::string detail_;
};

Task task_of_run(Store& store, const JobRuns& runs, const TaskId& id, int run) {
    Job job = job_of_run(store, runs, run);
    const Time updated_at = job.updated_at;
    return {id, std::move(job), runs.began_at(run), updated_at, run == runs.latest()};
}

Task wait_task(Store& store, const JobRuns& runs, const TaskId& id, int run) {
    Task task = task_of_run(store, runs, id, run);
    task.created_at = std::max(task.created_at, id.wait->began_at(runs.job));
    task.updated_at = std::max(task.updated_at, task.created_at);
    // It may have begun anywhere in its second, and must not end before its limit.
    if (const auto limit = id.wait->limit()) task.deadline = task.created_at + *limit + 1s;
    WaitHistory{runs, run, *id.wait}.judge(task, store.read_clock().time);
    // The result of a wait that is over is final, whatever becomes of the job.
    if (task.wait_end == WaitEnd::timed_out) task.job = job_at(store, runs, run, *task.deadline);
    return task;
}

std::optional<Task> look_up(Store& store, const TaskId& id, const Principal& principal) {
    const auto runs = find_runs(store, id.job_id, principal);
    if (!runs) return {};
    if (!id.wait)
        return id.retries > runs->latest()
                   ? std::nullopt
                   : std::optional{task_of_run(store, *runs, id, id.retries)};
    if (id.wait->began_at(runs->job)
        > std::max(store.read_clock().time, runs->job.created_at) + kMaxAhead)
        return {};  // Never given out.
    const auto run = awaited_run(*runs, *id.wait);
    return run ? std::optional{wait_task(store, *runs, id, *run)} : std::nullopt;
}

std::string wait_message(const Task& task) {
    std::string job = progress_line(task.job);
    if (task.wait_end == WaitEnd::cancelled) return "the wait was cancelled; job " + job;
    if (task.wait_end == WaitEnd::timed_out) return "the time is up; job " + job;
    return job;
}

/// What a result says.
struct Shown {
    std::string_view status;
    std::string message;
};

void write(
    view::JsonObject& object,
    const Task& task,
    TaskGeneration generation,
    const Shown& shown,
    Time now) {
    const bool experiment = generation == TaskGeneration::experiment;
    object.text("taskId", task.id.str());
    object.text("status", shown.status);
    object.text("statusMessage", shown.message);
    object.time("createdAt", task.created_at);
    object.time("lastUpdatedAt", task.updated_at);
    object.integer(experiment ? "ttl" : "ttlMs", time_to_live(task));
    object.integer(
        experiment ? "pollInterval" : "pollIntervalMs", poll_interval(task, now).count());
}

}  // namespace

std::string wait_detail(const WaitCode& wait) {
    return "wait " + wait.str();
}

std::optional<Task> find_task(const ToolContext& context, std::string_view id) {
    if (!context.principal) return {};
    const auto parsed = TaskId::parse(id);
    return context.ledger.read_or(std::optional<Task>{}, [&](Store& store) {
        return parsed ? look_up(store, *parsed, *context.principal) : std::nullopt;
    });
}

std::optional<Task> begin_wait(const ToolContext& context, const WaitedFor& waited_for) {
    return context.ledger.read([&](Store& store) -> std::optional<Task> {
        const auto runs = find_runs(store, waited_for.job_id, *context.principal);
        if (!runs) return {};
        const int run = runs->latest();
        const Time now = store.read_clock().time;
        const auto beginning_at = [&](Time start) {
            const auto code = WaitCode::make(runs->job, run, start, waited_for.limit);
            return wait_task(store, *runs, {waited_for.job_id, 0, code}, run);
        };
        Time start = now;
        Task task = beginning_at(start);
        // One of this second was cancelled: this is another.
        while (task.wait_end == WaitEnd::cancelled && start < now + kMaxAhead)
            task = beginning_at(start += 1s);
        return task;
    });
}

std::string_view task_status(const Task& task, TaskGeneration generation) {
    const bool experiment = generation == TaskGeneration::experiment;
    if (task.id.wait) {
        if (task.wait_end == WaitEnd::cancelled) return "cancelled";
        return task.wait_end == WaitEnd::timed_out || run_is_over(task) ? "completed" : "working";
    }
    switch (task.job.status) {
        case Status::queued:
        case Status::running:
            return experiment && task.job.cancel_requested_at ? "cancelled" : "working";
        case Status::done:
            return "completed";
        case Status::error:
            return experiment || task.job.reason == Reason::worker_lost ? "failed" : "completed";
        case Status::cancelled:
            return "cancelled";
    }
    return "failed";
}

bool is_task_over(const Task& task, TaskGeneration generation) {
    return task_status(task, generation) != "working";
}

ToolResult task_result(const ToolContext& context, const Task& task) {
    const Contract& contract = context.contract;
    if (!task.id.wait) return contract.show_ended(context, task.job);
    return contract.show_waited(context, task.job, task.wait_end == WaitEnd::timed_out);
}

void write_task(view::JsonObject& object, const Task& task, TaskGeneration generation, Time now) {
    const std::string message = task.id.wait ? wait_message(task) : progress_line(task.job);
    write(object, task, generation, {task_status(task, generation), message}, now);
}

void write_begun_task(
    view::JsonObject& object, const Task& task, TaskGeneration generation, Time now) {
    if (!is_task_over(task, generation)) return write_task(object, task, generation, now);
    write(object, task, generation, {"working", "the result can be fetched"}, now);
}

}  // namespace atlasjob::mcp
