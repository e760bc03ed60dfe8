#include "runner/worker/worker_registration.h"

#include "process/identity.h"
#include "store/open.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>

#include <filesystem>

namespace atlasjob {

namespace {

struct EnrolmentCase {
    EnrolmentCase() { enrolment.renew(*store, clock.now()); }

    bool entered() { return !store->workers().empty(); }
    bool lock_is_free() const { return WorkerLock::try_take(ledger).has_value(); }

    test::TempDir dir;
    std::string ledger = dir / "ledger.db";
    test::FakeClock clock;
    std::unique_ptr<Store> store = open_store(locate_ledger(ledger), OpenMode::create);
    test::JobFactory jobs{*store, clock};
    WorkerRegistration enrolment{{current_process(), {}, 2}, ledger, WorkerLock::try_take(ledger)};
};

TEST_CASE("Where nothing is queued an idle worker is struck out and lets go of its lock") {
    EnrolmentCase e;
    REQUIRE(e.entered());
    REQUIRE_FALSE(e.lock_is_free());
    CHECK(e.enrolment.leave_if_idle(*e.store, e.clock.now()));
    CHECK_FALSE(e.entered());
    CHECK(e.lock_is_free());
    e.enrolment.renew(*e.store, e.clock.now());
    CHECK_FALSE(e.entered());
}

TEST_CASE("What was submitted while a worker was leaving makes it stay") {
    EnrolmentCase e;
    SECTION("a job that is due") {
        e.jobs.queued();
    }
    SECTION("a job that is not due yet") {
        NewJob spec = e.jobs.command_spec();
        spec.run_after = e.clock.now() + std::chrono::hours{1};
        e.jobs.queued(spec);
    }
    CHECK_FALSE(e.enrolment.leave_if_idle(*e.store, e.clock.now()));
    CHECK(e.entered());
    CHECK_FALSE(e.lock_is_free());
}

TEST_CASE("A worker that drains shows it, and leaves its lock to the next") {
    EnrolmentCase e;
    e.jobs.queued();
    e.enrolment.drain(*e.store, e.clock.now());
    REQUIRE(e.entered());
    CHECK(e.store->workers().at(0).draining);
    CHECK(e.lock_is_free());
    e.enrolment.leave(*e.store);
    CHECK_FALSE(e.entered());
}

TEST_CASE("A lock says for which file it was taken") {
    const test::TempDir dir;
    const std::string ledger = dir / "ledger.db";
    const auto put = [&](const std::string& name) {
        REQUIRE(open_file(dir / name, O_CREAT | O_WRONLY, 0600).valid());
    };
    put("ledger.db");
    put("other.db");
    auto lock = WorkerLock::try_take(ledger);
    REQUIRE(lock.has_value());
    CHECK(WorkerLock::is_for(ledger));
    std::filesystem::rename(dir / "other.db", ledger);
    CHECK_FALSE(WorkerLock::try_take(ledger).has_value());
    CHECK_FALSE(WorkerLock::is_for(ledger));
    lock.reset();
    lock = WorkerLock::try_take(ledger);
    CHECK(WorkerLock::is_for(ledger));
}

TEST_CASE("Where there is no ledger there is no lock, and none is made") {
    const test::TempDir dir;
    CHECK_THROWS_WITH(
        WorkerLock::try_take(dir / "ledger.db"), Catch::Contains("there is no ledger at"));
    CHECK(std::filesystem::is_empty(dir.path()));
}

}  // namespace

}  // namespace atlasjob
