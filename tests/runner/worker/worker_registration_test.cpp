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

struct RegistrationCase {
    RegistrationCase() { registration.renew(*store); }

    bool registered() { return !store->workers().empty(); }
    bool lock_is_free() const { return WorkerLock::try_take(ledger).has_value(); }

    test::TempDir dir;
    LedgerAddress ledger = parse_address(dir / "ledger.db");
    test::FakeClock clock;
    std::unique_ptr<Store> store = open_store(ledger, OpenMode::create, clock);
    test::JobFactory jobs{*store, clock};
    WorkerRegistration registration{
        {current_process(), {}, 2}, ledger, WorkerLock::try_take(ledger)};
};

TEST_CASE("an idle worker deregisters and releases its lock if nothing is queued") {
    RegistrationCase e;
    REQUIRE(e.registered());
    REQUIRE_FALSE(e.lock_is_free());
    CHECK(e.registration.leave_if_idle(*e.store));
    CHECK_FALSE(e.registered());
    CHECK(e.lock_is_free());
    e.registration.renew(*e.store);
    CHECK_FALSE(e.registered());
}

TEST_CASE("a job submitted while a worker is leaving makes it stay") {
    RegistrationCase e;
    SECTION("a due job") {
        e.jobs.queued();
    }
    SECTION("a delayed job") {
        NewJob spec = e.jobs.command_spec();
        spec.run_after = e.clock.now() + std::chrono::hours{1};
        e.jobs.queued(spec);
    }
    CHECK_FALSE(e.registration.leave_if_idle(*e.store));
    CHECK(e.registered());
    CHECK_FALSE(e.lock_is_free());
}

TEST_CASE("a draining worker is marked as such and releases its lock") {
    RegistrationCase e;
    e.jobs.queued();
    e.registration.drain(*e.store);
    REQUIRE(e.registered());
    CHECK(e.store->workers().at(0).draining);
    CHECK(e.lock_is_free());
    e.registration.leave(*e.store);
    CHECK_FALSE(e.registered());
}

TEST_CASE("a worker lock is bound to the ledger file it was taken for") {
    const test::TempDir dir;
    const LedgerAddress ledger = parse_address(dir / "ledger.db");
    const auto put = [&](const std::string& name) {
        REQUIRE(open_file(dir / name, O_CREAT | O_WRONLY, 0600).valid());
    };
    put("ledger.db");
    put("other.db");
    auto lock = WorkerLock::try_take(ledger);
    REQUIRE(lock.has_value());
    CHECK(WorkerLock::is_for(ledger));
    std::filesystem::rename(dir / "other.db", dir / "ledger.db");
    CHECK_FALSE(WorkerLock::try_take(ledger).has_value());
    CHECK_FALSE(WorkerLock::is_for(ledger));
    lock.reset();
    lock = WorkerLock::try_take(ledger);
    CHECK(WorkerLock::is_for(ledger));
}

TEST_CASE("a worker lock is not created without a ledger") {
    const test::TempDir dir;
    CHECK_THROWS_WITH(
        WorkerLock::try_take(parse_address(dir / "ledger.db")),
        Catch::Contains("there is no ledger at"));
    CHECK(std::filesystem::is_empty(dir.path()));
}

}  // namespace

}  // namespace atlasjob
