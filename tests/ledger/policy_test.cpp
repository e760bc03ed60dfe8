#include "ledger/policy.h"

#include "ledger/store.h"
#include "support/fake_clock.h"

#include <catch2/catch.hpp>

using namespace atlasjob;

namespace {

constexpr Time kNow = from_ms(test::FakeClock::kStartMs);
const ClockReading kReading{kNow, {}, {}};

struct LeaseCase {
    std::optional<Time> lease_until;
    std::optional<Time> suspect_at;
    LeaseVerdict when_alive_or_unknown;
};

Job running_job_with_lease(std::optional<Time> lease_until) {
    Job job{JobId::make(kNow)};
    job.status = Status::running;
    job.lease_until = lease_until;
    return job;
}

}  // namespace

TEST_CASE("the wait before an attempt doubles each time") {
    CHECK(backoff_delay({10s}, 2, 0.0) == 10s);
    CHECK(backoff_delay({10s}, 3, 0.0) == 20s);
    CHECK(backoff_delay({10s}, 4, 0.0) == 40s);
    CHECK(backoff_delay({10s}, 8, 0.0) == 640s);
    CHECK(backoff_delay({1ms}, 12, 0.0) == 1024ms);
}

TEST_CASE("the backoff never exceeds the cap") {
    CHECK(backoff_delay({10s}, 10, 0.0) == 2560s);
    CHECK(backoff_delay({10s}, 11, 0.0) == kMaxBackoff);
    CHECK(backoff_delay({10s}, 1000, 0.0) == kMaxBackoff);
    CHECK(backoff_delay({24h}, 2, 0.0) == kMaxBackoff);
    CHECK(backoff_delay({milliseconds::max()}, 1000, 0.0) == kMaxBackoff);
}

TEST_CASE("the wait grows by the factor that is given") {
    CHECK(backoff_delay({10s, 3.0}, 4, 0.0) == 90s);
    CHECK(backoff_delay({10s, 1.5}, 3, 0.0) == 15s);
    CHECK(backoff_delay({10s, 100.0}, 1000, 0.0) == kMaxBackoff);
}

TEST_CASE("with the factor 1 every wait is exactly the base") {
    CHECK(backoff_delay({10s, 1.0}, 2, 1.0) == 10s);
    CHECK(backoff_delay({10s, 1.0}, 1000, 0.5) == 10s);
    CHECK(backoff_delay({24h, 1.0}, 3, 0.5) == 24h);
}

TEST_CASE("a base of zero means no backoff") {
    CHECK(backoff_delay({0ms}, 2, 1.0) == 0ms);
    CHECK(backoff_delay({0ms}, 1000, 1.0) == 0ms);
}

TEST_CASE("jitter lengthens the backoff by at most a quarter and never shortens it") {
    CHECK(backoff_delay({10s}, 2, 0.5) == 11'250ms);
    CHECK(backoff_delay({10s}, 2, 1.0) == 12'500ms);
    CHECK(backoff_delay({24h}, 2, 1.0) == kMaxBackoff + kMaxBackoff / 4);
    CHECK(backoff_delay({10s}, 2, 7.0) == 12'500ms);
    CHECK(backoff_delay({10s}, 2, -7.0) == 10s);
    for (int attempt = 2; attempt < 20; ++attempt)
        for (double jitter = 0.0; jitter < 1.0; jitter += 0.1) {
            const milliseconds plain = backoff_delay({10s}, attempt, 0.0);
            const milliseconds spread = backoff_delay({10s}, attempt, jitter);
            CHECK(spread >= plain);
            CHECK(spread <= plain + plain / 4);
        }
}

TEST_CASE("an attempt whose executor is provably gone is reaped regardless of its lease") {
    for (const auto lease :
         {std::optional<Time>{}, std::optional{kNow - 1h}, std::optional{kNow + 1h}})
        for (const auto& suspect :
             {std::optional<ClockReading>{}, std::optional{ClockReading{kNow, {}, {}}}})
            CHECK(judge_lease(lease, suspect, Liveness::gone, kReading) == LeaseVerdict::reap_gone);
}

TEST_CASE("other attempts are judged only by lease and silence") {
    const auto row = GENERATE(
        LeaseCase{{}, {}, LeaseVerdict::leave},                       // no lease: never suspect
        LeaseCase{{}, kNow - 24h, LeaseVerdict::leave},               // not even if marked suspect
        LeaseCase{kNow + 1ms, {}, LeaseVerdict::leave},               // its lease still holds
        LeaseCase{kNow, {}, LeaseVerdict::mark_suspect},              // its lease has just expired
        LeaseCase{kNow - 365 * 24h, {}, LeaseVerdict::mark_suspect},  // age alone never reaps
        LeaseCase{kNow - 1h, kNow, LeaseVerdict::leave},              // suspect since just now
        LeaseCase{kNow - 1h, kNow - kSuspectSilence + 1ms, LeaseVerdict::leave},
        LeaseCase{kNow - 1h, kNow - kSuspectSilence, LeaseVerdict::reap_silent},
        LeaseCase{kNow - 1h, kNow - 24h, LeaseVerdict::reap_silent},
        LeaseCase{kNow - 1h, kNow + 1h, LeaseVerdict::leave});  // the clock stepped back
    for (const Liveness executor : {Liveness::alive, Liveness::unknown}) {
        std::optional<ClockReading> suspect;
        if (row.suspect_at) suspect = ClockReading{*row.suspect_at, {}, {}};
        CHECK(
            judge_lease(row.lease_until, suspect, executor, kReading) == row.when_alive_or_unknown);
    }
}

TEST_CASE("silence is measured by the monotonic clock of one boot, whatever the wall clock does") {
    const ClockReading suspect{kNow, "boot/1", 1h};
    const auto verdict = [&](const ClockReading& now) {
        return judge_lease(kNow - 1h, suspect, Liveness::unknown, now);
    };
    CHECK(verdict({kNow + 24h, "boot/1", 1h + kSuspectSilence - 1ms}) == LeaseVerdict::leave);
    CHECK(verdict({kNow - 24h, "boot/1", 1h + kSuspectSilence}) == LeaseVerdict::reap_silent);
    // Another boot, another time namespace, or an unknown clock.
    for (const char* clock : {"boot/2", ""}) {
        CHECK(verdict({kNow + kSuspectSilence, clock, 1ms}) == LeaseVerdict::reap_silent);
        CHECK(verdict({kNow + kSuspectSilence - 1ms, clock, 24h}) == LeaseVerdict::leave);
    }
}

TEST_CASE("a lease spans several heartbeats and suspicion lasts at least one lease") {
    CHECK(kLease >= 4 * kHeartbeatInterval);
    CHECK(kSuspectSilence >= kLease);
}

TEST_CASE("a job is stale only if it is running with an expired lease") {
    CHECK(is_stale(running_job_with_lease(kNow), kNow));
    CHECK(is_stale(running_job_with_lease(kNow - 1ms), kNow));
    CHECK_FALSE(is_stale(running_job_with_lease(kNow + 1ms), kNow));
    CHECK_FALSE(is_stale(running_job_with_lease({}), kNow));
    Job ended = running_job_with_lease(kNow - 1h);
    for (const Status status : {Status::queued, Status::done, Status::error, Status::cancelled}) {
        ended.status = status;
        CHECK_FALSE(is_stale(ended, kNow));
    }
}

TEST_CASE("done and cancelled jobs are kept for 7 days and errors for 30") {
    CHECK(default_retention(Status::done) == 7 * 24h);
    CHECK(default_retention(Status::cancelled) == 7 * 24h);
    CHECK(default_retention(Status::error) == 30 * 24h);
}

TEST_CASE("a gc retention option replaces only the default of its status") {
    CHECK(Retention{}.of(Status::done) == default_retention(Status::done));
    CHECK(Retention{}.of(Status::error) == default_retention(Status::error));
    CHECK(Retention{}.of(Status::cancelled) == default_retention(Status::cancelled));
    const Retention own{.done = 1h, .error = 2h, .cancelled = 0ms};
    CHECK(own.of(Status::done) == 1h);
    CHECK(own.of(Status::error) == 2h);
    CHECK(own.of(Status::cancelled) == 0ms);
    const Retention done_only{.done = 1h, .error = {}, .cancelled = {}};
    CHECK(done_only.of(Status::error) == default_retention(Status::error));
}
