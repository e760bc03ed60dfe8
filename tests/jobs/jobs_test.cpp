#include "jobs/jobs.h"

#include "base/error.h"
#include "ledger/address_files.h"
#include "ledger/find.h"
#include "logs/open.h"
#include "process/identity.h"
#include "store/open.h"
#include "support/fake_clock.h"
#include "support/forwarding_store.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// Commits, and then says that it does not know.
class UnclearStore final : public ForwardingStore {
  public:
    using ForwardingStore::ForwardingStore;

    Submitted submit(const NewJob& job) override {
        if (commits) real_->submit(job);
        throw Error(ErrorCode::outcome_unknown, "the disk is gone");
    }
    std::vector<Submitted> submit_all(std::span<const NewJob> jobs) override {
        if (commits) real_->submit_all(jobs);
        throw Error(ErrorCode::outcome_unknown, "the disk is gone");
    }

    bool commits = true;
};

/// A ledger with the verbs over it. No worker can be started, which `served` shows.
struct JobsCase {
    jobs::Deps over(Store& verbs) {
        return {verbs, *logs, clock, "alice", {location, {}}, {}, [this] {
                    if (unreadable) throw Error(ErrorCode::unavailable, "it is away");
                    return open_store(location, OpenMode::read, clock);
                }};
    }
    Status status_of(const JobId& id) { return factory.get(id).status; }

    TempDir dir;
    LedgerAddress location = parse_address(dir / "ledger.db");
    FakeClock clock;
    std::unique_ptr<Store> store = open_store(location, OpenMode::create, clock);
    std::unique_ptr<LogStore> logs = open_logs(location, clock);
    JobFactory factory{*store, clock};
    jobs::Deps deps = over(*store);
    UnclearStore unclear{open_store(location, OpenMode::write, clock)};
    bool unreadable = false;
};

std::string hint_of(const std::function<void()>& verb) {
    try {
        verb();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::outcome_unknown);
        return error.hint();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("submit records a job and reports that no worker serves its queue") {
    JobsCase c;
    const jobs::SubmitResult result = jobs::submit(c.deps, c.factory.command_spec());
    CHECK(c.status_of(result.submitted.job_id) == Status::queued);
    CHECK_FALSE(result.worker.served);
}

TEST_CASE("submit asks for no worker for a job without a command") {
    JobsCase c;
    c.factory.queued();  // has no worker, which would be reported
    CHECK(jobs::submit(c.deps, c.factory.created_spec()).worker.served);
}

TEST_CASE("submit finds a job whose commit had an unknown outcome") {
    JobsCase c;
    const NewJob job = c.factory.command_spec();
    const Submitted submitted = jobs::submit(c.over(c.unclear), job).submitted;
    CHECK(submitted.job_id == job.job_id);
    CHECK(submitted.seq == 1);
}

TEST_CASE("submit names the job if the outcome stays unknown") {
    JobsCase c;
    const NewJob job = c.factory.command_spec();
    c.unclear.commits = GENERATE(true, false);
    c.unreadable = true;
    CHECK_THAT(
        hint_of([&] { static_cast<void>(jobs::submit(c.over(c.unclear), job)); }),
        Contains(job.job_id.str()));
}

TEST_CASE("submit says that nothing was recorded if a new connection does not find the job") {
    JobsCase c;
    c.unclear.commits = false;
    const NewJob job = c.factory.command_spec();
    CHECK_THROWS_WITH(
        jobs::submit(c.over(c.unclear), job), Contains("nothing was recorded: the disk is gone"));
    CHECK_THROWS_WITH(jobs::submit_all(c.over(c.unclear), {job}), Contains("nothing was recorded"));
}

TEST_CASE("submit does not return a job that started running without its fence") {
    JobsCase c;
    NewJob job = c.factory.command_spec();
    job.start_as = AttemptOwner{some_process(), kLease};
    CHECK_THAT(
        hint_of([&] { static_cast<void>(jobs::submit(c.over(c.unclear), job)); }),
        Contains("recorded as job 1: cancel that one"));
}

TEST_CASE("submit_all finds all jobs of a commit with an unknown outcome, or none") {
    JobsCase c;
    const std::vector<NewJob> jobs = {c.factory.command_spec(), c.factory.created_spec()};
    SECTION("all were recorded") {
        const auto result = jobs::submit_all(c.over(c.unclear), jobs);
        REQUIRE(result.submitted.size() == 2);
        CHECK(result.submitted[1].job_id == jobs[1].job_id);
        CHECK_FALSE(result.worker.served);
    }
    SECTION("none was recorded, or none can be read") {
        c.unclear.commits = false;
        c.unreadable = true;
        CHECK_THAT(
            hint_of([&] { static_cast<void>(jobs::submit_all(c.over(c.unclear), jobs)); }),
            Contains("all of them or none"));
    }
}

TEST_CASE("retry, edit and resume ensure a worker for what they leave queued") {
    JobsCase c;
    const JobId ended = c.factory.in(Status::error).job_id;
    CHECK_FALSE(jobs::retry(c.deps, c.factory.get(ended)).served);
    CHECK(c.status_of(ended) == Status::queued);
    JobEdit edit;
    edit.queue = "slow";
    CHECK_FALSE(jobs::edit(c.deps, c.factory.get(ended), edit).served);
    CHECK(c.factory.get(ended).queue == "slow");
    CHECK(jobs::pause(c.deps, "slow"));
    const jobs::Resumed resumed = jobs::resume(c.deps, "slow");
    CHECK(resumed.changed);
    CHECK_FALSE(resumed.worker.served);
    CHECK_FALSE(jobs::resume(c.deps, "slow").changed);
}

TEST_CASE("an executor starts, reports and finishes a created job") {
    JobsCase c;
    c.factory.queued();  // has no worker, which would be reported
    const JobId id = c.factory.queued(c.factory.created_spec());
    CHECK(jobs::start(c.deps, c.factory.get(id)).served);
    const AttemptKey open{id};
    Report report;
    report.progress = 0.5;
    CHECK(jobs::report(c.deps, open, report));
    const auto finished = jobs::finish(c.deps, open, ended_done());
    REQUIRE(finished);
    CHECK(finished->status == Status::done);
    CHECK_FALSE(jobs::finish(c.deps, open, ended_done()));
}

TEST_CASE("cancel ends a queued job and asks a running one to stop") {
    JobsCase c;
    CHECK(jobs::cancel(c.deps, c.factory.queued(), {"alice", {}, {}}) == CancelResult::cancelled);
    CHECK(
        jobs::cancel(c.deps, c.factory.running().job_id, {"alice", {}, {}})
        == CancelResult::requested);
}

TEST_CASE("remove deletes a finished job and its output") {
    JobsCase c;
    const JobId id = c.factory.in(Status::done).job_id;
    c.logs->open_writer({id, 1, 1 << 20})->write(Stream::standard_output, "x\n");
    REQUIRE(c.logs->extent(id).bytes > 0);
    CHECK(jobs::remove(c.deps, id).job_id == id);
    CHECK(c.logs->extent(id).bytes == 0);
    CHECK_FALSE(c.store->get(JobRef::of(id), kAdmin, Detail::summary));
}

TEST_CASE("reap requeues the attempt of a supervisor that is gone and ensures a worker") {
    JobsCase c;
    NewJob job = c.factory.command_spec();
    job.max_attempts = 2;
    ProcessIdentity gone = current_process();
    gone.start_ticks -= 1;
    job.start_as = AttemptOwner{gone, kLease};
    const JobId id = c.store->submit(job).job_id;
    SECTION("another job is asked for") {
        CHECK(jobs::reap(c.deps, JobId::make(c.clock.now())).reaped == 0);
    }
    SECTION("all are looked at") {
        const jobs::ReapResult result = jobs::reap(c.deps);
        CHECK(result.requeued == 1);
        CHECK_FALSE(result.worker.served);
        CHECK(c.status_of(id) == Status::queued);
    }
}

TEST_CASE("run records a job, runs its command and returns its exit status") {
    JobsCase c;
    NewJob job = c.factory.command_spec();
    job.command->argv = {"/bin/sh", "-c", "exit 3"};
    job.command->cwd = c.dir.path();
    job.key = "one";
    job.start_as = AttemptOwner{current_process(), kLease};
    SuperviseOptions options;
    options.ledger = c.location;
    options.actor = "alice";
    SECTION("the key is free") {
        const jobs::RunResult result = jobs::run(c.deps, job, options);
        CHECK(result.supervised.exit_status == 3);
        CHECK(c.status_of(job.job_id) == Status::error);
    }
    SECTION("the key is active") {
        NewJob other = c.factory.command_spec();
        other.key = "one";
        c.factory.queued(other);
        CHECK_FALSE(jobs::run(c.deps, job, options).submitted.created);
        CHECK_FALSE(c.store->get(JobRef::of(job.job_id), kAdmin, Detail::summary));
    }
}

TEST_CASE("a verb that ends a job takes its on-end hook") {
    JobsCase c;
    // Lists its tests, and exits: what matters is that it was started.
    c.deps.on_end = {{"jobs_test", "--list-tags"}, {}, "alice", false};
    NewJob job = c.factory.command_spec();
    job.command->on_end = "true";
    const JobId id = c.factory.queued(job);
    REQUIRE(jobs::cancel(c.deps, id, {"alice", {}, {}}) == CancelResult::cancelled);
    CHECK(c.store->owed_hooks(std::nullopt).empty());
}

TEST_CASE("an answer comes after the change and before what follows") {
    JobsCase c;
    std::vector<std::string> steps;
    class Steps final : public ForwardingStore {
      public:
        Steps(std::unique_ptr<Store> real, std::vector<std::string>& steps)
            : ForwardingStore(std::move(real)), steps_(steps) {}
        Submitted submit(const NewJob& job) override {
            steps_.emplace_back("change");
            return real_->submit(job);
        }
        std::vector<Worker> workers() override {
            steps_.emplace_back("worker");
            return real_->workers();
        }

      private:
        std::vector<std::string>& steps_;
    } store{open_store(c.location, OpenMode::write, c.clock), steps};
    const auto answer = [&](const Submitted& submitted) {
        CHECK(c.status_of(submitted.job_id) == Status::queued);
        steps.emplace_back("answer");
    };
    static_cast<void>(jobs::submit(c.over(store), c.factory.command_spec(), answer));
    REQUIRE(steps.size() >= 3);
    CHECK(steps[0] == "change");
    CHECK(steps[1] == "answer");
    CHECK(steps[2] == "worker");
}

TEST_CASE("in_dependency_order puts each job after those that it depends on") {
    const auto job_after = [](std::vector<JobId> after, std::vector<JobId> after_ended) {
        Job job{JobId::make(Time{})};
        job.after = std::move(after);
        job.after_ended = std::move(after_ended);
        return job;
    };
    const Job first = job_after({}, {});
    const Job second = job_after({first.job_id}, {});
    const Job third = job_after({}, {second.job_id, first.job_id});
    const Job other = job_after({JobId::make(Time{})}, {});
    CHECK(
        jobs::in_dependency_order({third, other, second, first})
        == std::vector{first, second, third, other});
    CHECK(
        jobs::in_dependency_order({other, first, third, second})
        == std::vector{other, first, second, third});
    CHECK(jobs::in_dependency_order({}).empty());
    const Job last = job_after({first.job_id, other.job_id}, {});
    CHECK(jobs::in_dependency_order({last, other, first}) == std::vector{other, first, last});
}

TEST_CASE("a chain of any length can be put in order") {
    std::vector<Job> chain;
    for (int n = 0; n < 100'000; ++n) {
        Job job{JobId::make(Time{})};
        if (!chain.empty()) job.after = {chain.back().job_id};
        chain.push_back(std::move(job));
    }
    std::vector<Job> reversed{chain.rbegin(), chain.rend()};
    CHECK(jobs::in_dependency_order(std::move(reversed)) == chain);
}
