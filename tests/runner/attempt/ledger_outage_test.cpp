#include "event/signal_blocked_thread.h"
#include "process/proc.h"
#include "runner/run_case.h"
#include "support/forwarding_store.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

namespace atlasjob {

namespace {

using test::RunCase;

/// A real store in which the first `times` finishes and `failing_reports` reports fail.
class FailingStore final : public test::ForwardingStore {
  public:
    FailingStore(std::unique_ptr<Store> real, ErrorCode code, int times)
        : ForwardingStore(std::move(real)), code_(code), times_(times) {}

    int tries = 0;
    int failing_reports = 0;
    std::function<void()> on_failure = [] {};
    /// Commits the finish before failing: only the answer is lost.
    bool commit_anyway = false;

    std::optional<Finished> finish(
        const AttemptKey& attempt, const Outcome& outcome, const std::string& actor) override {
        ++tries;
        if (times_-- <= 0) return real_->finish(attempt, outcome, actor);
        if (commit_anyway) real_->finish(attempt, outcome, actor);
        on_failure();
        throw Error(code_, "the disk is gone");
    }

    std::optional<HeartbeatReply> report(const AttemptKey& attempt, const Report& report) override {
        if (failing_reports-- > 0) throw Error(ErrorCode::unavailable, "the disk is gone");
        return real_->report(attempt, report);
    }
    std::unique_ptr<ChangeWatch> watch_changes() override {
        throw Error(ErrorCode::unavailable, "no more watches");
    }

  private:
    ErrorCode code_;
    int times_;
};

}  // namespace

TEST_CASE("a finish is retried as long as the ledger is unavailable") {
    RunCase run{"exit 3"};
    FailingStore store{run.another_store(), ErrorCode::unavailable, 5};
    const SuperviseResult result = run.run(store);
    CHECK(store.tries == 6);
    REQUIRE(result.finished.has_value());
    CHECK(result.finished->status == Status::error);
    CHECK(run.job().error == "command exited with 3");
}

TEST_CASE("a finish whose answer was lost is found committed on retry") {
    RunCase run{"echo '{\"result\":7}' >&3"};
    FailingStore store{run.another_store(), ErrorCode::outcome_unknown, 1};
    store.commit_anyway = true;
    const SuperviseResult result = run.run(store);
    CHECK(store.tries == 2);
    REQUIRE(result.finished.has_value());
    CHECK(result.finished->status == Status::done);
    CHECK(run.job().result == "7");
}

TEST_CASE("a failed report is kept and written later including its result") {
    RunCase run{"echo '{\"result\":7,\"phase\":\"old\"}' >&3; echo '{\"phase\":\"new\"}' >&3"};
    FailingStore store{run.another_store(), ErrorCode::unavailable, 0};
    store.failing_reports = 3;
    CHECK(run.run(store).exit_status == 0);
    CHECK(run.job().result == "7");
    CHECK(run.job().phase == "new");
}

TEST_CASE("a finish that can never succeed throws") {
    RunCase run{"exit 0"};
    FailingStore store{run.another_store(), ErrorCode::newer_ledger, 1};
    CHECK_THROWS_WITH(run.run(store), "the disk is gone");
    CHECK(store.tries == 1);
}

TEST_CASE("a finish is given up once the ledger is gone and the attempt stays running") {
    RunCase run{"exit 3"};
    run.options.timings.first_retry = milliseconds{1};
    FailingStore store{run.another_store(), ErrorCode::ledger_moved, 1'000'000};
    const SuperviseResult result = run.run(store);
    CHECK_FALSE(result.finished.has_value());
    REQUIRE(result.unrecorded.has_value());
    CHECK(result.unrecorded->message() == "the disk is gone");
    CHECK(result.exit_status == 3);
    CHECK(run.job().status == Status::running);
    CHECK(store.tries < 100);
}

TEST_CASE("a finish during a move of the ledger succeeds at the new place") {
    RunCase run{"exit 3"};
    run.options.timings.first_retry = milliseconds{1};
    FailingStore store{run.another_store(), ErrorCode::ledger_moved, 3};
    const SuperviseResult result = run.run(store);
    CHECK(result.finished.has_value());
    CHECK_FALSE(result.unrecorded.has_value());
    CHECK(run.job().status == Status::error);
}

TEST_CASE("an interrupt ends the wait for an unavailable ledger") {
    RunCase run{"exit 0"};
    run.options.foreground = true;
    run.options.timings.first_retry = milliseconds{60'000};
    run.options.timings.max_retry = milliseconds{60'000};
    FailingStore store{run.another_store(), ErrorCode::unavailable, 1'000'000};
    Pipe failed = make_pipe();
    store.on_failure = [&] { static_cast<void>(write_all(failed.write_end.get(), "x")); };
    std::thread interrupter = start_signal_blocked_thread([&] {
        char byte = 0;
        if (read(failed.read_end.get(), &byte, 1) == 1) kill(getpid(), SIGINT);
    });
    CHECK_THROWS_WITH(run.run(store), "the disk is gone");
    interrupter.join();
}

TEST_CASE("a held writer lock does not block output") {
    RunCase run{"echo early; echo > $DIR/up; read -r line < $DIR/go; echo late"};
    bool seen_while_locked = false;
    run.meanwhile = [&](Store& store, const std::string&) {
        const UniqueFd lock = open_file(run.dir() / "ledger.db.gate", O_RDWR);
        REQUIRE(flock(lock.get(), LOCK_EX) == 0);
        run.go();
        // The command's last line must reach the log although the ledger cannot be written.
        while (run.logged(Stream::standard_output) != "early\nlate\n")
            sched_yield();
        const auto job = store.get(JobRef::of(run.id()), {"alice", false}, Detail::summary);
        seen_while_locked = job && job->status == Status::running;
    };
    CHECK(run.run().exit_status == 0);
    CHECK(seen_while_locked);
    CHECK(run.job().status == Status::done);
}

}  // namespace atlasjob
