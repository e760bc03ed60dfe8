#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// Two processes with clocks of their own on one ledger: `store` runs a job, `other` judges it.
struct TwoClocksCase : ContractCase {
    std::unique_ptr<Store> judge(const Clock& its_clock) const { return ledger->open(its_clock); }
    bool reaps(Store& by) const { return by.reap(attempt, ReapGround::silent, "gc").has_value(); }
    void pass(FakeClock& its_clock, milliseconds by) {
        clock.advance(by);
        its_clock.advance(by);
    }

    AttemptKey attempt = [this] {
        const auto claim =
            (jobs.queued(), store->claim(ClaimRequest{{some_process(), kLease}, {}, {}, "worker"}));
        return claim.value().attempt;
    }();
};

}  // namespace

TEST_CASE_METHOD(
    TwoClocksCase, "a judge whose clock is minutes off never reaps a job with heartbeats") {
    FakeClock its_clock{"another machine"};
    its_clock.step(GENERATE(milliseconds{5min}, milliseconds{-5min}));
    const auto other = judge(its_clock);
    for (int beats = 0; beats < 20; ++beats) {
        static_cast<void>(other->mark_suspect(attempt));
        pass(its_clock, kHeartbeatInterval);
        CHECK_FALSE(reaps(*other));
        REQUIRE(store->heartbeat(attempt, 0));
    }
    CHECK(get(attempt.job_id).status == Status::running);
}

TEST_CASE_METHOD(
    TwoClocksCase, "a judge whose clock is minutes ahead reaps a job only after its silence") {
    FakeClock its_clock{"another machine"};
    its_clock.step(5min);
    const auto other = judge(its_clock);
    REQUIRE(other->mark_suspect(attempt));
    pass(its_clock, kSuspectSilence - 1ms);
    CHECK_FALSE(reaps(*other));
    pass(its_clock, 1ms);
    CHECK(reaps(*other));
}

TEST_CASE_METHOD(TwoClocksCase, "times of a job stay in order if another clock is minutes behind") {
    FakeClock its_clock{"another machine"};
    its_clock.step(-5min);
    const auto other = judge(its_clock);
    REQUIRE(other->finish(attempt, ended_done(), "worker"));
    const Job job = get(attempt.job_id);
    CHECK(job.created_at <= job.started_at.value());
    CHECK(job.started_at.value() <= job.ended_at.value());
    CHECK(job.ended_at.value() <= job.updated_at);
}

TEST_CASE_METHOD(TwoClocksCase, "a clock that steps 61 s ahead reaps no suspect job") {
    clock.advance(kLease);
    REQUIRE(store->mark_suspect(attempt));
    clock.step(61s);
    CHECK_FALSE(reaps(*store));
    CHECK_FALSE(reaps(*judge(clock)));
    clock.advance(kSuspectSilence);
    CHECK(reaps(*store));
}

TEST_CASE_METHOD(TwoClocksCase, "a clock that steps 61 s back does not delay a reap") {
    clock.advance(kLease);
    REQUIRE(store->mark_suspect(attempt));
    clock.step(-61s);
    clock.advance(kSuspectSilence);
    CHECK(reaps(*store));
}

TEST_CASE_METHOD(TwoClocksCase, "a machine that was suspended for hours reaps none of its jobs") {
    const bool was_suspect = GENERATE(true, false);
    if (was_suspect) {
        clock.advance(kLease);
        REQUIRE(store->mark_suspect(attempt));
    }
    clock.step(8h);
    // A process that wakes up before the job's supervisor judges it.
    if (!was_suspect) REQUIRE(store->mark_suspect(attempt));
    CHECK_FALSE(reaps(*store));
    REQUIRE(store->heartbeat(attempt, 0));
    clock.advance(kSuspectSilence);
    CHECK_FALSE(reaps(*store));
    CHECK(get(attempt.job_id).status == Status::running);
}

TEST_CASE_METHOD(TwoClocksCase, "a suspicion from before a reboot is judged by the wall clock") {
    clock.advance(kLease);
    REQUIRE(store->mark_suspect(attempt));
    FakeClock after_reboot{"boot/2"};
    after_reboot.set(clock.now() + kSuspectSilence - 1ms);
    const auto other = judge(after_reboot);
    CHECK_FALSE(reaps(*other));
    after_reboot.advance(1ms);
    CHECK(reaps(*other));
}

TEST_CASE_METHOD(TwoClocksCase, "an end that was recorded late keeps its own time") {
    clock.advance(10s);
    const Time ended_at = clock.now();
    clock.advance(30s);
    Outcome outcome = ended_done();
    outcome.ago = 30s;
    REQUIRE(store->finish(attempt, outcome, "worker"));
    CHECK(get(attempt.job_id).ended_at == ended_at);
    CHECK(jobs.events(attempt.job_id).back().at == ended_at);
}

TEST_CASE_METHOD(TwoClocksCase, "a note that was recorded late keeps its own time") {
    clock.advance(10s);
    const Time noted_at = clock.now();
    clock.advance(30s);
    store->note_event(attempt.job_id, {"seen", "worker", 30s});
    CHECK(jobs.events(attempt.job_id).back().at == noted_at);
    // But never before the event before it.
    store->note_event(attempt.job_id, {"seen", "worker", 1h});
    CHECK(jobs.events(attempt.job_id).back().at == noted_at);
}
