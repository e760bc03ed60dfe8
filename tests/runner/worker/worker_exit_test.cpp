#include "ledger/address_files.h"
#include "runner/worker/restricted_worker.h"
#include "runner/worker/worker_case.h"
#include "runner/worker/worker_lock.h"
#include "runner/worker/worker_log.h"

#include <algorithm>
#include <csignal>

namespace atlasjob {

namespace {

using test::WorkerCase;
using test::WorkerProgram;

bool is_draining(WorkerCase& w) {
    const auto workers = w.store().workers();
    return !workers.empty()
           && std::ranges::all_of(workers, [](const Worker& worker) { return worker.draining; });
}

TEST_CASE("a terminated worker lets its jobs finish and claims nothing new") {
    WorkerCase w;
    auto worker = w.start_worker();
    const JobId running = w.submit("echo up > $DIR/up; read -r line < $DIR/go");
    const JobId waiting = w.submit("true");
    w.await_up();
    worker.signal(SIGTERM);
    w.await([&] { return is_draining(w); });
    w.go();
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.job(running).status == Status::done);
    CHECK(w.job(waiting).status == Status::queued);
    CHECK(w.store().workers().empty());
    CHECK(w.slots().empty());
}

TEST_CASE("a second signal stops running jobs with reason shutdown") {
    WorkerCase w;
    auto worker = w.start_worker();
    const JobId id = w.submit("echo up > $DIR/up; read -r line <> $DIR/never");
    w.await_up();
    worker.signal(SIGTERM);
    w.await([&] { return is_draining(w); });
    worker.signal(SIGTERM);
    CHECK(worker.wait() == ExitStatus::exited(0));
    const Job job = w.job(id);
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::shutdown);
    CHECK(job.error_code == "shutdown");
    CHECK(job.error == "stopped because its worker was shut down");
    CHECK(job.signal == "SIGTERM");
}

TEST_CASE("two signals at once stop running jobs too") {
    WorkerCase w;
    auto worker = w.start_worker();
    NewJob spec = w.script("echo up > $DIR/up; read -r line <> $DIR/never");
    spec.max_attempts = 2;
    const JobId id = w.submit(spec);
    w.await_up();
    worker.signal(SIGINT);
    worker.signal(SIGTERM);
    CHECK(worker.wait() == ExitStatus::exited(0));
    const Job job = w.job(id);
    CHECK(job.status == Status::queued);
    CHECK(job.reason == Reason::shutdown);
}

TEST_CASE("a drain whose grace has expired stops running jobs") {
    WorkerCase w;
    auto worker = w.start_worker({"--grace", "10"});
    const JobId id = w.submit("echo up > $DIR/up; read -r line <> $DIR/never");
    w.await_up();
    worker.signal(SIGTERM);
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.job(id).reason == Reason::shutdown);
}

TEST_CASE("a job queued again during a drain gets a new worker") {
    WorkerCase w;
    auto worker = w.start_worker({"--successor"});
    NewJob spec = w.script(
        "test $ATLASJOB_ATTEMPT = 2 || { echo up > $DIR/up; read -r line < "
        "$DIR/go; exit 1; }");
    spec.max_attempts = 2;
    spec.command->backoff = milliseconds{1};
    const JobId id = w.submit(spec);
    w.await_up();
    worker.signal(SIGTERM);
    w.await([&] { return is_draining(w); });
    w.go();
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.await_end(id).status == Status::done);
}

TEST_CASE("an idle worker exits if nothing is due or running") {
    WorkerCase w;
    std::vector<JobId> jobs;
    for (int n = 0; n < 5; ++n)
        jobs.push_back(w.submit("true"));
    NewJob later = w.script("true");
    later.run_after = w.now() + std::chrono::hours{1};
    const JobId delayed = w.submit(later);
    auto worker = w.start_worker({"--slots", "2", "--idle-exit", "0"});
    CHECK(worker.wait() == ExitStatus::exited(0));
    for (const JobId& id : jobs)
        CHECK(w.job(id).status == Status::done);
    CHECK(w.job(delayed).status == Status::queued);
}

TEST_CASE("an idle worker leaves a delayed job to a new worker") {
    WorkerCase w;
    NewJob later = w.script("true");
    later.run_after = w.now() + milliseconds{300};
    const JobId delayed = w.submit(later);
    auto worker = w.start_worker({"--successor", "--idle-exit", "0"});
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.await_end(delayed).status == Status::done);
}

TEST_CASE("an on-demand worker waits for delayed jobs and exits once nothing is queued") {
    WorkerCase w;
    NewJob later = w.script("true");
    later.run_after = w.now() + milliseconds{300};
    const JobId delayed = w.submit(later);
    // Afterwards: it may be idle for its 20 ms before anything else happens here.
    auto worker = w.start_worker({"--on-demand", "--idle-exit", "20"});
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.job(delayed).status == Status::done);
    CHECK(w.store().workers().empty());
    CHECK(WorkerLock::try_take(w.location()).has_value());
}

TEST_CASE("only one of two on-demand workers stays") {
    WorkerCase w;
    std::vector<WorkerProgram> workers;
    workers.push_back(w.start_worker({"--on-demand"}));
    workers.push_back(w.start_worker({"--on-demand"}));
    const JobId id = w.submit("true");
    CHECK(w.await_end(id).status == Status::done);
    const auto registered = w.store().workers();
    REQUIRE(registered.size() == 1);
    auto& other = workers.at(registered.at(0).is.process.pid == workers.at(0).pid() ? 1 : 0);
    CHECK(other.wait() == ExitStatus::exited(0));
    CHECK_FALSE(WorkerLock::try_take(w.location()).has_value());
}

TEST_CASE("a draining on-demand worker releases its lock while its job still runs") {
    WorkerCase w;
    auto worker = w.start_worker({"--on-demand"});
    const JobId id = w.submit("echo up > $DIR/up; read -r line < $DIR/go");
    w.await_up();
    worker.signal(SIGTERM);
    w.await([&] { return is_draining(w); });
    w.await([&] { return WorkerLock::try_take(w.location()).has_value(); });
    w.go();
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.job(id).status == Status::done);
}

TEST_CASE("a worker that was told to drain for another leaves no job behind if none comes") {
    WorkerCase w;
    auto worker = w.start_worker({"--on-demand", "--successor"});
    const JobId running = w.submit("echo up > $DIR/up; read -r line < $DIR/go");
    w.await_up();
    const JobId waiting = w.submit("true");
    worker.signal(kDrainSignal);
    w.await([&] { return is_draining(w); });
    w.go();
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.await_end(running).status == Status::done);
    CHECK(w.await_end(waiting).status == Status::done);
}

TEST_CASE("concurrent calls of ensure_worker start a single detached worker") {
    WorkerCase w;
    const JobId id = w.submit("true");
    std::vector<WorkerProgram> callers;
    for (int n = 0; n < 6; ++n)
        callers.push_back(w.start("ensure", {"--successor"}));
    for (WorkerProgram& caller : callers)
        CHECK(caller.wait() == ExitStatus::exited(0));
    CHECK(w.await_end(id).status == Status::done);

    const auto workers = w.store().workers();
    REQUIRE(workers.size() == 1);
    const std::string proc = "/proc/" + std::to_string(workers.at(0).is.process.pid) + "/";
    CHECK(
        proc_stat(static_cast<pid_t>(workers.at(0).is.process.pid))->session
        == workers.at(0).is.process.pid);
    CHECK(std::filesystem::read_symlink(proc + "cwd") == "/");
    for (const std::string fd : {"0", "1"})
        CHECK(std::filesystem::read_symlink(proc + "fd/" + fd) == "/dev/null");
    CHECK(std::filesystem::read_symlink(proc + "fd/2") == worker_log_path(w.location()));
    CHECK_THAT(read_file(proc + "environ").value(), !Catch::Contains("ATLASJOB_JOB_ID"));
    // While it lives it holds the lock and no other worker is started.
    auto late = w.start("ensure", {"--successor"});
    CHECK(late.wait() == ExitStatus::exited(0));
    CHECK_FALSE(WorkerLock::try_take(w.location()).has_value());
    CHECK(w.store().workers().size() == 1);
}

TEST_CASE("ensure_worker starts no worker if nothing is runnable") {
    WorkerCase w;
    CHECK(w.start("ensure", {"--successor"}).wait() == ExitStatus::exited(0));
    CHECK(WorkerLock::try_take(w.location()).has_value());
    CHECK(w.store().workers().empty());
}

}  // namespace

}  // namespace atlasjob
