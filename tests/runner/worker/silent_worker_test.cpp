#include "runner/maintenance/gc_case.h"
#include "runner/worker/worker_lock.h"

#include <algorithm>
#include <thread>
#include <vector>

namespace atlasjob {

namespace {

using namespace std::chrono_literals;

/// A queued job, and a worker whose process lives and whose lock was taken when it was registered.
struct SilentWorkerCase : GcCase {
    SilentWorkerCase() {
        jobs.queued();
        static_cast<void>(store->register_worker({process.identity(), {}, 1}));
        lock = WorkerLock::try_take(location);
        REQUIRE(lock.has_value());
        set_lock_time(clock.now());
        options.ledger = location;
        // What is started is this program itself: it must not run the tests again.
        options.worker = {location, {"worker", "--libidentify"}};
    }
    void set_lock_time(Time time) const {
        const timespec at{to_ms(time) / 1000, 0};
        REQUIRE(futimens(lock->fd(), std::array{at, at}.data()) == 0);
    }
    bool starts_worker() { return ensure_worker(*store, options.worker).started; }

    TestProcess process{kSleeper};
    std::optional<WorkerLock> lock;
};

}  // namespace

TEST_CASE("a worker that gives no sign of life serves nobody, whatever lock it holds") {
    SilentWorkerCase c;
    c.clock.advance(kWorkerSilence);
    CHECK_FALSE(c.starts_worker());
    CHECK(c.gc().silent_workers.empty());
    c.clock.advance(1ms);
    const GcReport report = c.gc();
    REQUIRE(report.silent_workers.size() == 1);
    CHECK(report.silent_workers[0].is.process.pid == c.process.pid());
    CHECK(report.worker_started);
    CHECK(report.workers_removed == 0);  // It may come back.
    CHECK_FALSE(report.did_nothing());
}

TEST_CASE("a dry run of gc says that jobs have no worker") {
    SilentWorkerCase c;
    c.options.dry_run = true;
    CHECK(c.gc().unserved == 0);
    c.clock.advance(kWorkerSilence + 1ms);
    CHECK(c.gc().unserved == 1);
    CHECK_FALSE(c.gc().worker_started);
}

TEST_CASE("a worker that sends a heartbeat again serves again") {
    SilentWorkerCase c;
    c.clock.advance(kWorkerSilence + 1ms);
    REQUIRE(c.store->worker_heartbeat(c.store->workers().at(0).id, false));
    CHECK_FALSE(c.starts_worker());
    CHECK(c.gc().unserved == 0);
}

TEST_CASE("a lock that was taken a moment ago is left to the worker that is about to register") {
    SilentWorkerCase c;
    c.clock.advance(kWorkerSilence + 1ms);
    c.set_lock_time(c.clock.now() - 1s);
    CHECK_FALSE(c.starts_worker());
}

TEST_CASE("a lock that another program holds keeps no worker from being started") {
    SilentWorkerCase c;
    c.store->unregister_worker(c.store->workers().at(0).id);
    CHECK_FALSE(c.starts_worker());
    c.clock.advance(kWorkerSilence + 1s);
    CHECK(c.starts_worker());
}

TEST_CASE("a lock that was just replaced is not replaced again") {
    SilentWorkerCase c;
    const Time now = c.clock.now();
    const auto first = WorkerLock::replace_silent(c.location, now + 1s);
    REQUIRE(first.has_value());
    CHECK_FALSE(WorkerLock::try_take(c.location).has_value());
    // Its file is as old as the system's clock says, which is not before the silence began.
    CHECK_FALSE(WorkerLock::replace_silent(c.location, from_ms(0)).has_value());
}

TEST_CASE("one of several callers at once replaces a silent worker's lock") {
    for (int round = 0; round < 50; ++round) {
        SilentWorkerCase c;
        const Time taken_by = c.clock.now() + 1s;
        std::vector<std::optional<WorkerLock>> locks(4);
        std::vector<std::thread> callers;
        for (auto& replaced : locks)
            callers.emplace_back(
                [&] { replaced = WorkerLock::replace_silent(c.location, taken_by); });
        for (std::thread& caller : callers)
            caller.join();
        CHECK(std::ranges::count_if(locks, [](const auto& own) { return own.has_value(); }) == 1);
    }
}

}  // namespace atlasjob
