#include "mcp/contracts/contract_states.h"

#include <fmt/format.h>

namespace atlasjob::test {

namespace {

Time at(const char* text) {
    return parse_time(text).value();
}

/// Collects the states; ids are numbered, so that a state has the same id in every run.
class States {
  public:
    Job& add(
        const std::string& name,
        const char* cidx,
        const char* bgjob,
        const char* arcgis,
        const char* reftrix) {
        const auto id =
            JobId::parse(fmt::format("01a20320-a2fa-7a01-b1c2-{:012d}", states_.size() + 1));
        states_.push_back({name, JobRecord{id.value()}, cidx, bgjob, arcgis, reftrix});
        Job& job = states_.back().record.job;
        job.kind = "sync";
        job.owner = "alice";
        job.target = fmt::format(R"({{"task_url":"{}"}})", kTaskUrl);
        job.created_at = at("2026-11-22T12:00:00.250Z");
        job.updated_at = job.created_at;
        job.queue = "default";
        return job;
    }

    Job& queued(const std::string& name, const char* arcgis) {
        return add(name, "pending", "running", arcgis, "waiting");
    }

    void paused() {
        Job& job = queued("paused", "esriJobWaiting");
        job.queue = kPausedQueue;
        job.command = {"true"};
        job.cwd = "/";
        CommandSpec& command = states_.back().record.command.emplace();
        command.argv = job.command;
        command.cwd = *job.cwd;
    }

    Job& running(const std::string& name, const char* arcgis) {
        return started(add(name, "running", "running", arcgis, "active"));
    }

    Job& done(const std::string& name, const std::optional<std::string>& result) {
        Job& job = started(add(name, "completed", "completed", "esriJobSucceeded", "completed"));
        job.result = result;
        job.progress = 1.0;
        return ended(job, Status::done);
    }

    void error(Reason reason, const char* arcgis) {
        const std::string name{to_string(reason)};
        Job& job = started(add("error, " + name, "failed", "failed", arcgis, "failed"));
        job.reason = reason;
        job.error = "it ended with " + name;
        job.error_code = name;
        ended(job, Status::error);
    }

    void cancelled(const std::string& name, Reason reason, const char* error, bool ran) {
        Job& job = add(name, "cancelled", "killed", "esriJobCancelled", "failed");
        if (ran) started(job);
        job.reason = reason;
        job.error = error;
        ended(job, Status::cancelled);
    }

    std::vector<JobState> take() { return std::move(states_); }

  private:
    static Job& started(Job& job) {
        job.status = Status::running;
        job.attempt = 1;
        job.progress = 0.42;
        job.started_at = at("2026-11-22T12:00:01Z");
        job.updated_at = at("2026-11-22T12:00:42.500Z");
        return job;
    }

    static Job& ended(Job& job, Status status) {
        job.status = status;
        job.ended_at = at("2026-11-22T12:01:35Z");
        job.updated_at = *job.ended_at;
        return job;
    }

    std::vector<JobState> states_;
};

void add_waiting(States& states) {
    const JobId first = states.queued("queued", "esriJobSubmitted").job_id;
    states.queued("not due", "esriJobNew").run_after = at("2026-11-22T18:00:00Z");
    states.queued("after another", "esriJobNew").after = {first};
    states.paused();
}

void add_running(States& states) {
    states.running("running", "esriJobExecuting");
    states.running("running, progress unknown", "esriJobExecuting").progress.reset();
    states.running("running, between two percents", "esriJobExecuting").progress = 0.28999;
    states.running("running, in a phase", "esriJobExecuting").phase = "layout";
    states.running("running, in a phase of its own", "esriJobExecuting").phase = "compiling";
    for (const char* word :
         {"esriJobNew", "esriJobSubmitted", "esriJobWaiting", "esriJobExecuting",
          "esriJobCancelling", "esriJobDeleting"})
        states.running(fmt::format("mirrored, {}", word), word).phase = word;
    states.running("mirrored, over there", "esriJobExecuting").phase = "esriJobSucceeded";
    Job& cancelling = states.running("cancelling", "esriJobCancelling");
    cancelling.phase = "esriJobExecuting";
    cancelling.cancel_requested_at = cancelling.updated_at;
}

void add_done(States& states) {
    states.done(
        "done", R"({"messages_synced":711,"facts":{"z":1,"a":[1.50,12345678901234567890]}})");
    states.done("done, no result", std::nullopt);
    states.done("done, null", "null");
    states.done("done, {}", "{}");
    states.done("done, a list", R"([1,"two"])");
    states.done("done, a text", R"("all well")");
    states.done(
        "done, a page",
        R"({"webPageId":"p1","success":false,"partialSuccess":true,"completedPhases":["ingest","x",1],"failedPhases":["motion"],"results":{"layout":{}},"more":1})");
    states.done("done, a page that lies", R"({"webPageId":7,"success":"yes","results":[]})");
    states.done("done, partial", R"({"n":1})").reason = Reason::partial;
}

void add_failed(States& states) {
    for (const Reason reason :
         {Reason::exit_code, Reason::signal, Reason::start_failed, Reason::invalid_result,
          Reason::shutdown, Reason::worker_lost})
        states.error(reason, "esriJobFailed");
    states.error(Reason::timeout, "esriJobTimedOut");
}

}  // namespace

std::vector<JobState> job_states() {
    States states;
    add_waiting(states);
    add_running(states);
    add_done(states);
    add_failed(states);
    states.cancelled("cancelled", Reason::user, "Cancelled by user", true);
    states.cancelled("cancelled, never ran", Reason::user, "Cancelled by user: enough", false);
    states.cancelled("cancelled, dependency", Reason::dependency, "job 1 ended badly", false);
    states.cancelled("cancelled, shutdown", Reason::shutdown, "the worker had to stop", true);
    return states.take();
}

}  // namespace atlasjob::test
