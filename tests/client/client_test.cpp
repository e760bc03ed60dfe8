#include "base/clock.h"
#include "base/file.h"
#include "client/atlasjob.h"
#include "ledger/store.h"
#include "process/identity.h"
#include "store/open.h"
#include "support/child.h"
#include "support/scoped_variable.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>
#include <functional>

using namespace atlasjob;
using client::Failure;
using client::JobOptions;
using client::Progress;
using client::Reply;
using client::RunningJob;

namespace {

/// A ledger written through the client library and read by the test.
struct Case {
    client::Ledger open(const std::string& principal = "alice") const {
        return client::Ledger{{path, principal}};
    }

    std::unique_ptr<Store> store() const {
        return open_store(parse_address(path), OpenMode::create);
    }

    Job job(const RunningJob& of) const {
        auto found =
            store()->get(JobRef::of(JobId::parse(of.id()).value()), {"alice", false}, Detail::full);
        REQUIRE(found);
        return *found;
    }

    test::TempDir dir;
    std::string path = dir / "ledger.db";
};

JobOptions sync_job() {
    JobOptions options;
    options.kind = "sync";
    return options;
}

Progress at(double fraction) {
    Progress progress;
    progress.fraction = fraction;
    return progress;
}

Failure::Kind kind_of_failure(const std::function<void()>& call) {
    try {
        call();
    } catch (const Failure& failure) {
        return failure.kind();
    }
    FAIL("no exception was thrown");
    return {};
}

}  // namespace

TEST_CASE("a begun job is running with this process as its executor") {
    const Case c;
    client::Ledger ledger = c.open();
    JobOptions options = sync_job();
    options.name = "nightly";
    options.target = R"({ "channel" : "C0ENG" })";
    options.labels = {{"team", "infra"}};
    options.key = "k";
    options.lease = std::chrono::minutes{5};
    const RunningJob running = ledger.begin(options);

    const Job job = c.job(running);
    CHECK(job.seq == running.number());
    CHECK(job.status == Status::running);
    CHECK(job.kind == "sync");
    CHECK(job.name == "nightly");
    CHECK(job.target == R"({"channel":"C0ENG"})");
    CHECK(job.labels == std::vector<Label>{{"team", "infra"}});
    CHECK(job.key == "k");
    CHECK(job.owner == "alice");
    CHECK(job.attempt == 1);
    CHECK(job.worker == current_process());
    CHECK(job.lease_until);
}

TEST_CASE("a begun job belongs to the session that the environment names") {
    const Case c;
    const test::ScopedVariable session{"ATLASJOB_SESSION", "s1"};
    client::Ledger ledger = c.open();
    CHECK(c.job(ledger.begin(sync_job())).session == "s1");
}

TEST_CASE("a job begun without a lease has none") {
    const Case c;
    client::Ledger ledger = c.open();
    const RunningJob running = ledger.begin(sync_job());
    CHECK_FALSE(c.job(running).lease_until);
}

TEST_CASE("a job ends in the ledger file it began in even if the path was replaced") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    const std::string moved = c.dir / "moved.db";
    for (const char* sibling : {"", "-wal", "-shm"})
        std::filesystem::rename(c.path + sibling, moved + sibling);
    CHECK(
        kind_of_failure([&] { static_cast<void>(ledger.begin(sync_job())); })
        == Failure::Kind::unavailable);
    CHECK_FALSE(std::filesystem::exists(c.path));
    client::Ledger another = c.open();
    const RunningJob next = ledger.begin(sync_job());
    CHECK(c.job(next).seq == 1);
    CHECK(running.done() == Reply::ok);
    const auto store = open_store(parse_address(moved), OpenMode::read);
    CHECK(
        store->get(JobRef::of(JobId::parse(running.id()).value()), {"alice", false}, Detail::full)
            ->status
        == Status::done);
}

TEST_CASE("a job ends with the outcome given by its program") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    SECTION("done with a result") {
        CHECK(running.done(R"({"files": 3})") == Reply::ok);
        const Job job = c.job(running);
        CHECK(job.status == Status::done);
        CHECK(job.result == R"({"files":3})");
        CHECK(job.progress == 1.0);
    }
    SECTION("failed") {
        CHECK(running.failed("no such channel", "channel_gone") == Reply::ok);
        const Job job = c.job(running);
        CHECK(job.status == Status::error);
        CHECK(job.error == "no such channel");
        CHECK(job.error_code == "channel_gone");
    }
    SECTION("cancelled") {
        CHECK(running.cancelled("not needed") == Reply::ok);
        const Job job = c.job(running);
        CHECK(job.status == Status::cancelled);
        CHECK(job.reason == Reason::user);
        CHECK(job.error == "not needed");
    }
}

TEST_CASE("ending a job again changes nothing") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    running.done();
    running.failed("too late");
    CHECK(c.job(running).status == Status::done);
}

TEST_CASE("a result that is not JSON is rejected and the job can still be ended") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    CHECK(kind_of_failure([&] { running.done("{half"); }) == Failure::Kind::invalid_argument);
    CHECK(c.job(running).status == Status::running);
    running.done("[1]");
    CHECK(c.job(running).result == "[1]");
}

TEST_CASE("destroying an unfinished RunningJob ends the job in error") {
    const Case c;
    client::Ledger ledger = c.open();
    std::optional<RunningJob> running = ledger.begin(sync_job());
    const JobRef ref = JobRef::of(JobId::parse(running->id()).value());
    running.reset();
    const auto job = c.store()->get(ref, {"alice", false}, Detail::summary);
    REQUIRE(job);
    CHECK(job->status == Status::error);
    CHECK(job->error == "the program dropped the job before it ended");
    CHECK(job->error_code == "abandoned");
}

TEST_CASE("a moved-from RunningJob does not end the job") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob first = ledger.begin(sync_job());
    RunningJob second = std::move(first);
    CHECK(c.job(second).status == Status::running);
    second.done();
    CHECK(c.job(second).status == Status::done);
}

TEST_CASE("a RunningJob outlives its Ledger object") {
    const Case c;
    RunningJob running = c.open().begin(sync_job());
    CHECK(running.heartbeat() == Reply::ok);
    running.done();
    CHECK(c.job(running).status == Status::done);
}

TEST_CASE("frequent progress is combined into few writes and the last one is kept") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    Progress first = at(0.1);
    first.phase = "listing";
    first.current = 1;
    first.total = 10;
    CHECK(running.progress(first) == Reply::ok);
    const Job began = c.job(running);
    CHECK(began.progress == 0.1);
    CHECK(began.phase == "listing");
    CHECK(began.current == 1);
    CHECK(began.total == 10);

    constexpr int kCalls = 2000;
    for (int i = 0; i < kCalls; ++i)
        running.progress(at(0.2 + 0.0001 * i));
    CHECK(c.job(running).rev < began.rev + kCalls / 2);
    running.failed("stopped there");
    CHECK(c.job(running).progress == Approx(0.2 + 0.0001 * (kCalls - 1)));
    CHECK(c.job(running).phase == "listing");
}

TEST_CASE("progress out of range is rejected and writes nothing") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    CHECK(kind_of_failure([&] { running.progress(at(1.5)); }) == Failure::Kind::invalid_argument);
    running.done();
    CHECK(c.job(running).status == Status::done);
}

TEST_CASE("a program is notified of a requested cancel") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    const JobId id = JobId::parse(running.id()).value();
    CHECK(running.heartbeat() == Reply::ok);
    c.store()->request_cancel(id, {"alice", {}, {}});
    CHECK(running.heartbeat() == Reply::cancel_requested);
    CHECK(running.progress(at(0.5)) == Reply::cancel_requested);
    running.cancelled();
    CHECK(c.job(running).status == Status::cancelled);
}

TEST_CASE("a program whose job was reaped gets lost and changes nothing") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    const AttemptKey attempt{JobId::parse(running.id()).value(), 1, 1};
    REQUIRE(c.store()->reap(attempt, ReapGround::executor_gone, "gc"));
    const Job lost = c.job(running);
    CHECK(running.heartbeat() == Reply::lost);
    CHECK(running.progress(at(0.5)) == Reply::lost);
    CHECK(running.done() == Reply::lost);
    CHECK(c.job(running).rev == lost.rev);
}

TEST_CASE("beginning a job with an active key is refused") {
    const Case c;
    client::Ledger ledger = c.open();
    JobOptions options = sync_job();
    options.key = "nightly";
    RunningJob first = ledger.begin(options);
    CHECK(
        kind_of_failure([&] { static_cast<void>(ledger.begin(options)); })
        == Failure::Kind::refused);
    first.done();
    RunningJob second = ledger.begin(options);
    CHECK(second.number() != first.number());
    second.done();
}

TEST_CASE("a failed job starts no process and leaves its dependents' hooks to a worker") {
    const Case c;
    client::Ledger ledger = c.open();
    RunningJob running = ledger.begin(sync_job());
    const Time now = SystemClock{}.now();
    NewJob dependent{JobId::make(now)};
    dependent.owner = "alice";
    dependent.kind = "command";
    dependent.command = CommandSpec{};
    dependent.command->argv = {"true"};
    dependent.command->cwd = "/";
    dependent.command->on_end = "true";
    dependent.after = {JobId::parse(running.id()).value()};
    c.store()->submit(dependent);
    CHECK(running.failed("no such channel") == Reply::ok);
    const auto owed = c.store()->owed_hooks(std::nullopt);
    REQUIRE(owed.size() == 1);
    CHECK(owed[0].job_id == dependent.job_id);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a job without a kind is rejected") {
    const Case c;
    client::Ledger ledger = c.open();
    CHECK(
        kind_of_failure([&] { static_cast<void>(ledger.begin({})); })
        == Failure::Kind::invalid_argument);
}

TEST_CASE("a file that is no ledger and an unreachable one fail differently") {
    const Case c;
    REQUIRE(write_all(
        open_file(c.dir / "notes", O_CREAT | O_WRONLY, 0600).get(),
        "shopping list, long enough for a header"));
    CHECK(
        kind_of_failure([&] {
            client::Ledger{{c.dir / "notes", "alice"}};
        })
        == Failure::Kind::not_a_ledger);
    CHECK(
        kind_of_failure([&] {
            client::Ledger{{"/proc/none/ledger.db", "alice"}};
        })
        == Failure::Kind::unavailable);
}

TEST_CASE("the job of a killed program is detected as lost at once") {
    const Case c;
    test::Child program{[&] {
        client::Ledger ledger = c.open();
        const RunningJob running = ledger.begin(sync_job());
        raise(SIGKILL);
        return 0;
    }};
    CHECK(program.wait().signal == SIGKILL);
    const auto attempts = c.store()->running_attempts();
    REQUIRE(attempts.size() == 1);
    REQUIRE(attempts[0].supervisor);
    CHECK(liveness_of(*attempts[0].supervisor) == Liveness::gone);
}
