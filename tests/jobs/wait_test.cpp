#include "jobs/wait.h"

#include "base/error.h"
#include "ledger/address_files.h"
#include "process/identity.h"
#include "store/open.h"
#include "support/fake_clock.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace atlasjob::test;
using jobs::JobWatch;
using jobs::JobWatches;

namespace {

/// A ledger with watches over it, which record what they would reap and start.
struct WaitCase {
    JobWatch watch(const JobId& id) {
        return {
            {*store, kAdmin, location,
             [this](const JobId& lost) {
                 reaped.push_back(lost);
                 if (unwritable) throw Error(ErrorCode::unavailable, "it is read-only");
             },
             [this] {
                 ++workers;
                 return OnDemandWorker{location, {}};
             }},
            id};
    }
    JobId running_under(const ProcessIdentity& supervisor) {
        NewJob job = factory.command_spec();
        job.start_as = AttemptOwner{supervisor, kLease};
        return store->submit(job).job_id;
    }
    JobId alive() { return running_under(current_process()); }
    /// A running job whose supervisor is gone.
    JobId lost() {
        ProcessIdentity gone = current_process();
        gone.start_ticks -= 1;
        return running_under(gone);
    }
    void finish(const JobId& id) { store->request_cancel(id, {"alice", {}, {}}); }

    TempDir dir;
    LedgerAddress location = parse_address(dir / "ledger.db");
    FakeClock clock;
    std::unique_ptr<Store> store = open_store(location, OpenMode::create, clock);
    JobFactory factory{*store, clock};
    std::vector<JobId> reaped;
    bool unwritable = false;
    int workers = 0;
};

ErrorCode look_error(Store& store, const JobId& id, const Principal& principal) {
    try {
        static_cast<void>(jobs::look_at(store, id, principal));
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

}  // namespace

TEST_CASE("a look tells an active job from an ended and a deleted one") {
    WaitCase c;
    const JobId id = c.factory.in(Status::error).job_id;
    const jobs::Look queued = jobs::look_at(*c.store, c.factory.queued(), kAdmin);
    REQUIRE(queued.active);
    CHECK(queued.active->status == Status::queued);
    CHECK_FALSE(queued.end);

    const jobs::Look ended = jobs::look_at(*c.store, id, kAdmin);
    CHECK_FALSE(ended.active);
    REQUIRE(ended.end);
    CHECK(ended.end->status == Status::error);
    REQUIRE(ended.end->job);
    CHECK_FALSE(ended.end->job->command.empty());

    c.store->remove(id);
    const jobs::Look deleted = jobs::look_at(*c.store, id, kAdmin);
    CHECK_FALSE(deleted.active);
    REQUIRE(deleted.end);
    CHECK(deleted.end->status == Status::error);
    CHECK_FALSE(deleted.end->job);
}

TEST_CASE("a look at a job that the principal may not see says not found") {
    WaitCase c;
    CHECK(look_error(*c.store, JobId::make(c.clock.now()), kAdmin) == ErrorCode::not_found);
    CHECK(look_error(*c.store, c.factory.queued(), {"mallory", false}) == ErrorCode::not_found);
}

TEST_CASE("of the watched jobs, those whose supervisor is gone may be lost") {
    WaitCase c;
    const JobId lost = c.lost();
    const JobId alive = c.alive();
    CHECK(jobs::may_be_lost(*c.store, {lost, alive}) == std::vector{lost});
    CHECK(jobs::may_be_lost(*c.store, {alive}).empty());
}

TEST_CASE("a watch reaps its job if the supervisor is gone, and survives a failure to") {
    WaitCase c;
    c.unwritable = GENERATE(false, true);
    c.lost();
    const JobId id = c.lost();
    JobWatch watch = c.watch(id);
    CHECK_FALSE(watch.poll());
    CHECK(c.reaped == std::vector{id});
}

TEST_CASE("a watch asks for a worker only for a queued job with a command that is not held") {
    WaitCase c;
    JobWatch with_command = c.watch(c.factory.queued());
    CHECK_FALSE(with_command.poll());
    CHECK(c.workers == 1);
    CHECK_FALSE(with_command.poll());
    CHECK(c.workers == 1);  // not at every poll

    JobWatch created = c.watch(c.factory.queued(c.factory.created_spec()));
    CHECK_FALSE(created.poll());
    JobWatch running = c.watch(c.alive());
    CHECK_FALSE(running.poll());
    CHECK(c.workers == 1);
}

TEST_CASE("waiting until all have ended continues while one is active") {
    WaitCase c;
    JobWatches watches{JobWatches::Until::all_ended};
    const JobId first = c.factory.queued();
    const JobId second = c.factory.queued();
    CHECK(watches.add(c.watch(first)) == 0);
    CHECK(watches.add(c.watch(second)) == 1);
    CHECK(watches.poll());
    c.finish(first);
    CHECK(watches.poll());
    REQUIRE(watches.end(0));
    CHECK(watches.end(0)->status == Status::cancelled);
    CHECK_FALSE(watches.end(1));
    c.finish(second);
    CHECK_FALSE(watches.poll());
    CHECK(watches.end(1));
}

TEST_CASE("waiting until one has ended stops at the first") {
    WaitCase c;
    JobWatches watches{JobWatches::Until::one_ended};
    watches.add(c.watch(c.factory.queued()));
    const JobId second = c.factory.queued();
    watches.add(c.watch(second));
    CHECK(watches.poll());
    c.finish(second);
    CHECK_FALSE(watches.poll());
    CHECK_FALSE(watches.end(0));
    CHECK(watches.end(1));
}

TEST_CASE("there is nothing to wait for without jobs") {
    JobWatches watches{JobWatches::Until::all_ended};
    CHECK_FALSE(watches.poll());
}

TEST_CASE("the next look is never later than the poll interval or the deadline") {
    CHECK(jobs::Deadline{}.until_next_look() == jobs::kPollInterval);
    CHECK(jobs::Deadline{std::chrono::hours{1}}.until_next_look() == jobs::kPollInterval);
    CHECK(jobs::Deadline{milliseconds{50}}.until_next_look() <= milliseconds{50});
    CHECK(jobs::Deadline{milliseconds{0}}.until_next_look().count() == 0);
}

TEST_CASE("sleeping ends with a change, and does not begin after the deadline") {
    WaitCase c;
    const auto watch = c.store->watch_changes();
    c.factory.queued();
    CHECK(jobs::sleep_on(*watch));
    CHECK_FALSE(jobs::sleep_on(*watch, jobs::Deadline{milliseconds{0}}));
}
