#include "process/proc.h"
#include "runner/run_case.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

namespace atlasjob {

namespace {

using test::RunCase;

/// A real store whose writes fail a number of times first.
class FailingStore final : public Store {
  public:
    FailingStore(std::unique_ptr<Store> real, ErrorCode code, int times)
        : real_(std::move(real)), code_(code), times_(times) {}

    int tries = 0;
    int failing_reports = 0;
    std::function<void()> on_failure = [] {};
    /// Finishes in truth before it fails: the commit was durable, its answer was lost.
    bool in_truth = false;

    std::optional<Finished> finish(
        const AttemptKey& attempt,
        const Outcome& outcome,
        const std::string& actor,
        Time now) override {
        ++tries;
        if (times_-- <= 0) return real_->finish(attempt, outcome, actor, now);
        if (in_truth) real_->finish(attempt, outcome, actor, now);
        on_failure();
        throw Error(code_, "the disk is gone");
    }

    Submitted submit(const NewJob& job, Time now) override { return real_->submit(job, now); }
    std::vector<Submitted> submit_all(std::span<const NewJob> jobs, Time now) override {
        return real_->submit_all(jobs, now);
    }
    std::optional<Claim> claim(const ClaimRequest& request, Time now) override {
        return real_->claim(request, now);
    }
    FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt,
        const Outcome& outcome,
        const ClaimRequest& request,
        Time now) override {
        return real_->finish_and_claim(attempt, outcome, request, now);
    }
    std::optional<Time> next_due() override { return real_->next_due(); }
    AttemptKey start(const JobId& id, const std::string& actor, Time now) override {
        return real_->start(id, actor, now);
    }
    bool note_process(
        const AttemptKey& attempt, const ProcessIdentity& process, Time now) override {
        return real_->note_process(attempt, process, now);
    }
    std::optional<Beat> heartbeat(
        const AttemptKey& attempt, std::int64_t log_bytes, Time now) override {
        return real_->heartbeat(attempt, log_bytes, now);
    }
    std::optional<Beat> report(const AttemptKey& attempt, const Report& report, Time now) override {
        if (failing_reports-- > 0) throw Error(ErrorCode::unavailable, "the disk is gone");
        return real_->report(attempt, report, now);
    }
    bool release(const AttemptKey& attempt, const std::string& actor, Time now) override {
        return real_->release(attempt, actor, now);
    }
    CancelResult request_cancel(const JobId& id, const CancelRequest& request, Time now) override {
        return real_->request_cancel(id, request, now);
    }
    void retry(const JobId& id, const std::string& actor, Time now) override {
        real_->retry(id, actor, now);
    }
    std::vector<RunningAttempt> running_attempts() override { return real_->running_attempts(); }
    bool mark_suspect(const AttemptKey& attempt, Time now) override {
        return real_->mark_suspect(attempt, now);
    }
    std::optional<Finished> reap(
        const AttemptKey& attempt, ReapGround ground, const std::string& actor, Time now) override {
        return real_->reap(attempt, ground, actor, now);
    }
    std::vector<PrunedJob> prune(const Retention& retention, int limit, Time now) override {
        return real_->prune(retention, limit, now);
    }
    std::int64_t count_prunable(const Retention& retention, Time now) override {
        return real_->count_prunable(retention, now);
    }
    int drop_tombstones(int limit, Time now) override { return real_->drop_tombstones(limit, now); }
    void optimize() override { real_->optimize(); }
    std::int64_t count_runnable() override { return real_->count_runnable(); }
    std::optional<Job> get(const JobRef& ref, const Principal& principal, Detail detail) override {
        return real_->get(ref, principal, detail);
    }
    std::optional<Tombstone> tombstone(const JobRef& ref, const Principal& principal) override {
        return real_->tombstone(ref, principal);
    }
    JobPage list(const ListQuery& query, const Principal& principal) override {
        return real_->list(query, principal);
    }
    std::vector<Count> count(const Principal& principal) override {
        return real_->count(principal);
    }
    std::vector<Event> events_since(const EventQuery& query, const Principal& principal) override {
        return real_->events_since(query, principal);
    }
    std::unique_ptr<ChangeWatch> watch_changes() override {
        throw Error(ErrorCode::unavailable, "no more watches");
    }
    std::vector<Finding> check_health(bool thorough) override {
        return real_->check_health(thorough);
    }

  private:
    std::unique_ptr<Store> real_;
    ErrorCode code_;
    int times_;
};

}  // namespace

TEST_CASE("A finish is tried again for as long as the ledger is unavailable") {
    RunCase run{"exit 3"};
    FailingStore store{run.another_store(), ErrorCode::unavailable, 5};
    const SuperviseResult result = run.run(store);
    CHECK(store.tries == 6);
    REQUIRE(result.finished.has_value());
    CHECK(result.finished->status == Status::error);
    CHECK(run.job().error == "command exited with 3");
}

TEST_CASE("A finish whose answer was lost is found to have happened") {
    RunCase run{"echo '{\"result\":7}' >&3"};
    FailingStore store{run.another_store(), ErrorCode::outcome_unknown, 1};
    store.in_truth = true;
    const SuperviseResult result = run.run(store);
    CHECK(store.tries == 2);
    REQUIRE(result.finished.has_value());
    CHECK(result.finished->status == Status::done);
    CHECK(run.job().result == "7");
}

TEST_CASE("A report that could not be written is not lost, and the result in it neither") {
    RunCase run{"echo '{\"result\":7,\"phase\":\"old\"}' >&3; echo '{\"phase\":\"new\"}' >&3"};
    FailingStore store{run.another_store(), ErrorCode::unavailable, 0};
    store.failing_reports = 3;
    CHECK(run.run(store).exit_status == 0);
    CHECK(run.job().result == "7");
    CHECK(run.job().phase == "new");
}

TEST_CASE("A finish that can never succeed is told") {
    RunCase run{"exit 0"};
    FailingStore store{run.another_store(), ErrorCode::newer_ledger, 1};
    CHECK_THROWS_WITH(run.run(store), "the disk is gone");
    CHECK(store.tries == 1);
}

TEST_CASE("Who interrupts us while the ledger is gone need not wait for it") {
    RunCase run{"exit 0"};
    run.options.foreground = true;
    run.options.pace.first_retry = milliseconds{60'000};
    run.options.pace.longest_retry = milliseconds{60'000};
    FailingStore store{run.another_store(), ErrorCode::unavailable, 1'000'000};
    Pipe failed = make_pipe();
    store.on_failure = [&] { write_all(failed.write_end.get(), "x"); };
    std::thread interrupter{[&] {
        char byte = 0;
        if (read(failed.read_end.get(), &byte, 1) == 1) kill(getpid(), SIGINT);
    }};
    CHECK_THROWS_WITH(run.run(store), "the disk is gone");
    interrupter.join();
}

TEST_CASE("A gate held by another process stalls no output") {
    RunCase run{"echo early; echo > $DIR/up; read -r line < $DIR/go; echo late"};
    bool seen_while_locked = false;
    run.meanwhile = [&](Store& store, const std::string&) {
        const UniqueFd gate = open_file(run.dir() / "ledger.db.gate", O_RDWR);
        REQUIRE(flock(gate.get(), LOCK_EX) == 0);
        run.go();
        // The command's last line reaches the log although no write can reach the ledger.
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
