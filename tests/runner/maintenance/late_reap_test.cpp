#include "process/descendants.h"
#include "process/identity.h"
#include "runner/attempt/environment.h"
#include "runner/maintenance/gc_case.h"
#include "support/catch_string_makers.h"
#include "support/forwarding_store.h"

#include <catch2/catch.hpp>

#include <functional>

// Changes to an attempt between the check that found it lost and the termination of its orphans.

namespace atlasjob {

namespace {

/// A silent attempt of a supervisor in another container that changes after its orphans were found.
struct LateChange {
    class ChangingStore final : public test::ForwardingStore {
      public:
        using ForwardingStore::ForwardingStore;
        std::function<void()> change = [] {};
        int reads = 0;
        std::optional<Job> get(const JobRef& ref, const Principal& who, Detail detail) override {
            if (++reads == 2) change();
            return real_->get(ref, who, detail);
        }
    };

    LateChange() {
        f.clock.advance(kLease);
        REQUIRE(f.store->mark_suspect(attempt));
        f.clock.advance(kSuspectSilence);
    }
    static ProcessIdentity elsewhere() {
        ProcessIdentity identity = current_process();
        identity.pid_namespace += 1;
        return identity;
    }
    GcReport reap() {
        GcReport report;
        reap_lost(store, *f.logs, f.options, report);
        return report;
    }

    GcCase f;
    Subreaper subreaper;
    AttemptKey attempt = f.running_under(elsewhere());
    TestProcess command{kSleeper, attempt_marks(attempt.job_id.view(), 1)};
    ChangingStore store{open_store(f.location, OpenMode::create, f.clock)};
};

}  // namespace

TEST_CASE("a released attempt is not confused with the next one of the same number") {
    GcCase f;
    const Subreaper subreaper;
    TestProcess gone{kSleeper};
    TestProcess living{kSleeper};
    const JobId id = f.jobs.queued();
    ClaimRequest request = test::worker();
    request.owner.supervisor = gone.identity();
    const AttemptKey first = f.store->claim(request).value().attempt;
    gone.end();
    // Read by a reaper that is stopped or busy with other attempts afterwards.
    const RunningAttempt read_before = f.store->running_attempts().at(0);
    REQUIRE(f.store->release(first, "worker"));
    request.owner.supervisor = living.identity();
    const AttemptKey second = f.store->claim(request).value().attempt;
    REQUIRE(second.attempt == first.attempt);
    TestProcess command{kSleeper, attempt_marks(id.view(), 1)};

    CHECK(reap_if_lost(*f.store, *f.logs, read_before, f.options) == Reaped::no);
    CHECK(command.alive());
    CHECK(f.jobs.get(id).status == Status::running);
}

TEST_CASE("an attempt with a heartbeat during its reap keeps its processes") {
    LateChange late;
    late.store.change = [&] { REQUIRE(late.f.store->heartbeat(late.attempt, 0)); };
    CHECK(late.reap().reaped == 0);
    CHECK(late.store.reads == 2);
    CHECK(late.command.alive());
    CHECK(late.f.jobs.get(late.attempt.job_id).status == Status::running);
}

TEST_CASE("a job that ends during its reap keeps the processes left running on purpose") {
    LateChange late;
    late.store.change = [&] {
        REQUIRE(late.f.store->finish(late.attempt, test::ended_done(), "worker"));
    };
    CHECK(late.reap().reaped == 0);
    CHECK(late.command.alive());
    CHECK(late.f.jobs.get(late.attempt.job_id).status == Status::done);
}

TEST_CASE("orphans of a lost attempt are terminated even if another reaper was faster") {
    LateChange late;
    late.store.change = [&] {
        REQUIRE(late.f.store->reap(late.attempt, ReapGround::silent, "another"));
    };
    CHECK(late.reap().reaped == 0);
    CHECK_FALSE(late.command.alive());
}

}  // namespace atlasjob
