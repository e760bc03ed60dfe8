#include "base/text.h"
#include "process/identity.h"
#include "runner/attempt/on_end.h"
#include "runner/run_case.h"
#include "runner/worker/worker_case.h"
#include "support/job_factory.h"
#include "support/timeout.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace atlasjob {

namespace {

using test::RunCase;
using test::WorkerCase;

/// A job whose on-end hook appends to the file "said" and then writes to the pipe "up".
NewJob job_with_hook(const WorkerCase& w, const std::string& script = "true") {
    NewJob job = w.script(script);
    job.command->on_end =
        "echo $ATLASJOB_JOB_ID $ATLASJOB_STATUS >> $DIR/said; echo over > $DIR/up";
    return job;
}

/// Lets a process cancel the job and die before it can start the hook.
void cancel_and_die(WorkerCase& w, const JobId& id) {
    CHECK(
        w.start("cancel-and-die", {id.str(), "-"}).wait() == ExitStatus::signalled(SIGKILL, false));
    REQUIRE(w.job(id).status == Status::cancelled);
}

TEST_CASE("a hook owed by a killed process is started by the next one") {
    WorkerCase w;
    const JobId id = w.submit(job_with_hook(w));
    cancel_and_die(w, id);
    CHECK(w.store().owed_hooks({}).size() == 1);
    CHECK(w.file("said") == "(none)");
    CHECK(w.start("hooks", {}).wait() == ExitStatus::exited(0));
    w.await_up();
    CHECK(w.store().owed_hooks({}).empty());
    CHECK(w.start("hooks", {}).wait() == ExitStatus::exited(0));
    CHECK(w.file("said") == id.str() + " cancelled\n");
}

TEST_CASE("a worker starts owed hooks at its next tick") {
    WorkerCase w;
    const JobId id = w.submit(job_with_hook(w));
    cancel_and_die(w, id);
    auto worker = w.start_worker({"--tick", "100"});
    w.await_up();
    CHECK(w.file("said") == id.str() + " cancelled\n");
    worker.signal(SIGTERM);
    CHECK(worker.wait() == ExitStatus::exited(0));
}

TEST_CASE("concurrent processes start each owed hook once") {
    WorkerCase w;
    constexpr int kJobs = 20;
    constexpr int kProcesses = 6;
    std::vector<std::string> expected;
    for (int i = 0; i < kJobs; ++i) {
        const JobId id = w.submit(job_with_hook(w));
        cancel_and_die(w, id);
        expected.push_back(id.str() + " cancelled");
    }
    // Kept open while reading, so that no line is lost between two writers.
    const UniqueFd up = open_file(w.dir() / "up", O_RDWR);
    std::vector<test::WorkerProgram> processes;
    for (int i = 0; i < kProcesses; ++i)
        processes.push_back(w.start("hooks", {}));
    for (int lines = 0; lines < kJobs;) {
        char c = 0;
        pollfd waiting{up.get(), POLLIN, 0};
        REQUIRE(poll(&waiting, 1, test::kTimeoutMs) == 1);
        REQUIRE(read(up.get(), &c, 1) == 1);
        if (c == '\n') ++lines;
    }
    for (auto& process : processes)
        CHECK(process.wait() == ExitStatus::exited(0));
    CHECK(w.store().owed_hooks({}).empty());
    const std::string text = w.file("said");
    std::vector<std::string> said;
    for (const auto line : split(trim(text), '\n'))
        said.emplace_back(line);
    std::ranges::sort(said);
    std::ranges::sort(expected);
    CHECK(said == expected);
}

TEST_CASE("a slot starts the hook as soon as its job has ended") {
    WorkerCase w;
    auto worker = w.start_worker({"--tick", "600000"});
    const JobId id = w.submit(job_with_hook(w, "exit 3"));
    w.await_up();
    CHECK(w.file("said") == id.str() + " error\n");
    worker.signal(SIGTERM);
    CHECK(worker.wait() == ExitStatus::exited(0));
}

TEST_CASE("hooks of a job from another container are left to it for a while") {
    RunCase run{"true"};
    run.command.on_end = "true";
    NewJob job{JobId::make(run.clock().now())};
    job.owner = "alice";
    job.command = run.command;
    job.command->cwd = "/";
    job.command->argv = {"true"};
    run.store().submit(job);
    ClaimRequest request;
    ProcessIdentity there = current_process();
    there.pid_namespace += 1;
    request.owner = {there, kLease};
    request.actor = "worker";
    const auto claim = run.store().claim(request);
    REQUIRE(claim);
    run.store().finish(claim->attempt, {}, "worker");

    // No process can be started with this argv, so an attempt to start it is noted as an event.
    const OnEnd on_end{{"atlasjob", std::string(3UL << 20U, 'x')}, {}, "test"};
    start_owed_hooks(run.store(), on_end);
    CHECK(run.store().owed_hooks({}).size() == 1);
    run.clock().advance(kLease + kSuspectSilence);
    start_owed_hooks(run.store(), on_end);
    CHECK(run.store().owed_hooks({}).empty());
    const auto events = run.store().events_since({0, job.job_id}, {"test", true});
    CHECK(events.back().type == "on_end_failed");
}

TEST_CASE("hooks on a ledger writable by others start only with any_account") {
    RunCase run{"exit 1"};
    run.command.on_end = "true";
    CHECK(run.run().exit_status == 1);
    std::filesystem::permissions(run.options.ledger.display(), std::filesystem::perms{0666});
    OnEnd on_end{{"atlasjob", std::string(3UL << 20U, 'x')}, {}, "test"};
    start_owed_hooks(run.store(), on_end);
    CHECK(run.store().owed_hooks({}).size() == 1);
    on_end.any_account = true;
    start_owed_hooks(run.store(), on_end);
    CHECK(run.store().owed_hooks({}).empty());
}

}  // namespace

}  // namespace atlasjob
