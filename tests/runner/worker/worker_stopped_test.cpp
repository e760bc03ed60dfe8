#include "ledger/address_files.h"
#include "logs/open.h"
#include "runner/maintenance/gc.h"
#include "runner/worker/worker_case.h"
#include "support/fake_clock.h"
#include "support/stopping.h"

#include <algorithm>
#include <csignal>

namespace atlasjob {

namespace {

using test::WorkerCase;
using test::WorkerProgram;

/// Stops workers and reaps their jobs from elsewhere.
struct StopCase : WorkerCase {
    /// Starts a job whose first attempt never ends; the second ends at once.
    JobId submit_stuck(int max_attempts) {
        NewJob job = script(
            "echo $ATLASJOB_ATTEMPT >> $DIR/runs; test $ATLASJOB_ATTEMPT = 2 ||"
            "{ echo up > $DIR/up; read -r line <> $DIR/never; }");
        job.max_attempts = max_attempts;
        const JobId id = submit(job);
        await_up();
        return id;
    }
    /// Stops the worker and its slots once the ledger knows the processes of all commands;
    /// otherwise the jobs would count as never spawned.
    void stop(const WorkerProgram& worker) {
        await([this] {
            const auto running = store().running_attempts();
            return std::ranges::all_of(
                running, [](const RunningAttempt& attempt) { return attempt.process.has_value(); });
        });
        stopped_ = slots();
        stopped_.push_back(worker.pid());
        test::stop_between_writes(LedgerFiles::of(location()).path, stopped_);
    }
    void continue_stopped() const { test::continue_processes(stopped_); }

    /// Marks this many attempts suspect and reaps them later.
    void reap(int attempts) {
        GcOptions options;
        options.ledger = location();
        options.actor = "gc";
        const auto logs = open_logs(location());
        GcReport report;
        test::ClockAhead clock{std::chrono::minutes{5}};
        const auto reaper = open_store(location(), OpenMode::write, clock);
        reap_lost(*reaper, *logs, options, report);
        CHECK(report.suspects == attempts);
        clock.advance(std::chrono::minutes{5});
        reap_lost(*reaper, *logs, options, report);
        CHECK(report.reaped == attempts);
    }
    /// Makes a job due that was queued again by the clock that is ahead.
    void make_due(const JobId& id) {
        JobEdit edit;
        edit.run_after = now();
        store().edit(id, edit, "test");
    }
    std::ptrdiff_t reaps(const JobId& id) {
        return std::ranges::count_if(
            history(id), [](const std::string& line) { return line.starts_with("reap "); });
    }

  private:
    std::vector<pid_t> stopped_;
};

const std::vector<std::string> kFast{"--heartbeat", "20"};

TEST_CASE("a slot stopped past its reap runs the retry of its own job") {
    StopCase w;
    const auto worker = w.start_worker(kFast);
    const JobId id = w.submit_stuck(2);
    w.stop(worker);
    w.reap(1);
    w.make_due(id);
    w.continue_stopped();
    const Job job = w.await_end(id);
    CHECK(job.status == Status::done);
    CHECK(job.attempt == 2);
    CHECK(w.file("runs") == "1\n2\n");
    CHECK(w.reaps(id) == 1);
}

TEST_CASE("a slot stopped past its reap runs the next due job") {
    StopCase w;
    const auto worker = w.start_worker(kFast);
    const JobId lost = w.submit_stuck(1);
    const JobId next = w.submit("echo next >> $DIR/runs");
    w.stop(worker);
    w.reap(1);
    CHECK(w.job(lost).reason == Reason::worker_lost);
    w.continue_stopped();
    const Job job = w.await_end(next);
    CHECK(job.status == Status::done);
    CHECK(job.attempt == 1);
    CHECK(w.file("runs") == "1\nnext\n");
    CHECK(w.reaps(lost) == 1);
    CHECK(w.reaps(next) == 0);
}

TEST_CASE("two slots stopped past their reap run each job once more") {
    StopCase w;
    const auto worker = w.start_worker({"--heartbeat", "20", "--slots", "2"});
    const std::vector<JobId> jobs{w.submit_stuck(2), w.submit_stuck(2)};
    const JobId third = w.submit("echo third >> $DIR/runs");
    w.stop(worker);
    w.reap(2);
    for (const JobId& id : jobs)
        w.make_due(id);
    w.continue_stopped();
    for (const JobId& id : jobs) {
        const Job job = w.await_end(id);
        CHECK(job.status == Status::done);
        CHECK(job.attempt == 2);
        CHECK(w.reaps(id) == 1);
    }
    CHECK(w.await_end(third).attempt == 1);
    CHECK(w.reaps(third) == 0);
    std::string runs = w.file("runs");
    std::ranges::sort(runs);
    CHECK(runs == "\n\n\n\n\n1122" + std::string{"dhirt"});
}

TEST_CASE("a slot stopped past its reap terminates its still running command") {
    StopCase w;
    const auto worker = w.start_worker(kFast);
    const JobId id = w.submit("echo $$ > $DIR/up; read -r line <> $DIR/never");
    const pid_t command = std::stoi(w.await_up());
    w.stop(worker);
    // Reaped from another pid namespace, where the command is not visible.
    const AttemptKey attempt = w.store().running_attempts().at(0).key;
    test::reap_later(w.location(), attempt);
    CHECK(test::is_alive(command));
    w.continue_stopped();
    test::await_gone(command);
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    CHECK(w.reaps(id) == 1);
    CHECK(w.job(id).reason == Reason::worker_lost);
}

TEST_CASE("slots stopped past their reap and then told to exit keep no claims") {
    StopCase w;
    auto worker = w.start_worker({"--heartbeat", "20", "--slots", "2"});
    const JobId first = w.submit_stuck(1);
    const JobId second = w.submit_stuck(1);
    const JobId next = w.submit("echo next >> $DIR/runs");
    w.stop(worker);
    w.reap(2);
    for (const pid_t slot : w.slots())
        REQUIRE(kill(slot, SIGTERM) == 0);
    worker.signal(SIGTERM);
    w.continue_stopped();
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.slots().empty());
    CHECK(w.job(first).reason == Reason::worker_lost);
    CHECK(w.job(second).reason == Reason::worker_lost);
    // A slot may have started it before handling its signals; in that case it has finished it.
    const Job after = w.job(next);
    CHECK(after.attempt == (after.status == Status::done ? 1 : 0));
    CHECK((after.status == Status::done || after.status == Status::queued));
    CHECK(w.reaps(next) == 0);
}

TEST_CASE("slots keep working while their worker is stopped and it registers again afterwards") {
    StopCase w;
    auto worker = w.start_worker({"--tick", "20"});
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    const std::vector<pid_t> parent{worker.pid()};
    test::stop_between_writes(LedgerFiles::of(w.location()).path, parent);
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    w.store().unregister_worker(w.store().workers().at(0).id);
    test::continue_processes(parent);
    w.await([&] { return w.store().workers().size() == 1; });
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    worker.signal(SIGTERM);
    CHECK(worker.wait() == ExitStatus::exited(0));
    CHECK(w.store().workers().empty());
}

}  // namespace

}  // namespace atlasjob
