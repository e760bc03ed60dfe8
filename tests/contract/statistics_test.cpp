#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct StatisticsCase : ContractCase {
    NewJob spec_of(const std::string& kind, const std::string& owner = "alice") {
        NewJob spec = jobs.command_spec();
        spec.kind = kind;
        spec.owner = owner;
        return spec;
    }
    /// Runs a job for `duration`.
    void run_for(const NewJob& spec, milliseconds duration, const Outcome& outcome = ended_done()) {
        const AttemptKey attempt = jobs.running(spec);
        clock.advance(duration);
        REQUIRE(finish(attempt, outcome));
    }
    Statistics statistics(const Principal& principal = kAlice) {
        return store->statistics(principal);
    }
    /// "sync 3: 10 30" for three jobs of kind sync with p50 = 10 ms and p95 = 30 ms.
    static std::string summary(const DurationsOfKind& of) {
        return of.kind + " " + std::to_string(of.jobs) + ": " + std::to_string(of.p50.count()) + " "
               + std::to_string(of.p95.count());
    }
};

}  // namespace

TEST_CASE_METHOD(StatisticsCase, "a ledger without jobs has empty statistics") {
    const Statistics none = statistics(kAdmin);
    CHECK_FALSE(none.oldest_queued_at);
    CHECK(none.ended_last_hour == 0);
    CHECK_FALSE(none.all);
    CHECK(none.by_kind.empty());
}

TEST_CASE_METHOD(
    StatisticsCase, "durations are summarized over all jobs and by kind using nearest rank") {
    for (const int ms : {50, 10, 40, 20, 30})
        run_for(spec_of("sync"), milliseconds{ms});
    run_for(spec_of("build"), 1s, ended_error());
    run_for(spec_of("build"), 2s, ended_cancelled());
    const Statistics found = statistics();
    REQUIRE(found.all);
    CHECK(summary(*found.all) == " 7: 40 2000");
    REQUIRE(found.by_kind.size() == 2);
    CHECK(summary(found.by_kind[0]) == "build 2: 1000 2000");
    CHECK(summary(found.by_kind[1]) == "sync 5: 30 50");
}

TEST_CASE_METHOD(StatisticsCase, "a duration covers the last attempt without the wait before it") {
    NewJob spec = spec_of("sync");
    spec.max_attempts = 2;
    run_for(spec, 5s, ended_error());
    clock.advance(1h);
    const AttemptKey second = jobs.open_attempt(spec.job_id);
    clock.advance(7s);
    finish(second, ended_done());
    CHECK(summary(statistics().all.value()) == " 1: 7000 7000");
}

TEST_CASE_METHOD(StatisticsCase, "jobs that never ran or still run or were lost have no duration") {
    store->request_cancel(jobs.queued(), {"alice", {}, {}});
    const AttemptKey lost = jobs.running();
    static_cast<void>(store->note_process(lost, some_process(8)));
    REQUIRE(store->reap(lost, ReapGround::executor_gone, "gc"));
    jobs.running();
    const Statistics found = statistics();
    CHECK_FALSE(found.all);
    CHECK(found.ended_last_hour == 2);
}

TEST_CASE_METHOD(
    StatisticsCase,
    "a job cancelled while waiting for a retry has the duration of its last attempt") {
    NewJob spec = spec_of("sync");
    spec.max_attempts = 2;
    run_for(spec, 5s, ended_error());
    clock.advance(1h);
    store->request_cancel(spec.job_id, {"alice", {}, {}});
    CHECK(summary(statistics().all.value()) == " 1: 5000 5000");
}

TEST_CASE_METHOD(StatisticsCase, "ended_last_hour counts jobs that ended within the last hour") {
    run_for(spec_of("sync"), 1s);
    clock.advance(1h - 1ms);
    run_for(spec_of("sync"), 0ms);
    CHECK(statistics().ended_last_hour == 2);
    clock.advance(1ms);
    CHECK(statistics().ended_last_hour == 1);
}

TEST_CASE_METHOD(StatisticsCase, "oldest_queued_at is the time of the oldest due job") {
    NewJob delayed = jobs.command_spec();
    delayed.run_after = now() + 1h;
    jobs.queued(delayed);
    NewJob delayed_start = jobs.created_spec();
    delayed_start.run_after = now() + 1h;
    jobs.queued(delayed_start);
    const AttemptKey running = jobs.running();
    NewJob blocked = jobs.command_spec();
    blocked.after = {running.job_id};
    jobs.queued(blocked);
    CHECK_FALSE(statistics().oldest_queued_at);

    clock.advance(1s);
    const Time low_at = now();
    NewJob low = jobs.command_spec();
    low.priority = -5;
    low.queue = "z";
    jobs.queued(low);
    clock.advance(1s);
    for (const int priority : {0, 9, -9}) {
        NewJob later = jobs.command_spec();
        later.priority = priority;
        jobs.queued(later);
    }
    CHECK(statistics().oldest_queued_at == low_at);

    // No claim has happened since it became due.
    clock.advance(1h);
    CHECK(statistics().oldest_queued_at == get(delayed.job_id).created_at);
}

TEST_CASE_METHOD(StatisticsCase, "a due job without a command counts as waiting") {
    clock.advance(1s);
    const JobId id = jobs.queued(jobs.created_spec());
    const Time created_at = now();
    clock.advance(1s);
    CHECK(statistics().oldest_queued_at == created_at);
    store->start(id, "alice");
    CHECK_FALSE(statistics().oldest_queued_at);
}

TEST_CASE_METHOD(
    StatisticsCase, "statistics cover the principal's own jobs or all jobs for an admin") {
    run_for(spec_of("sync", "bob"), 10ms);
    run_for(spec_of("sync"), 20ms);
    run_for(spec_of("sync", "carol"), 30ms);
    const Time bobs_at = now();
    jobs.queued(spec_of("sync", "bob"));
    NewJob started = jobs.created_spec();
    started.owner = "carol";
    clock.advance(-1s);
    jobs.queued(started);
    const Time carols_at = now();
    clock.advance(2s);
    jobs.queued();

    CHECK(summary(statistics(kAlice).all.value()) == " 1: 20 20");
    CHECK(statistics(kAlice).oldest_queued_at == now());
    CHECK(statistics(kAlice).ended_last_hour == 1);
    CHECK(summary(statistics(kBob).all.value()) == " 1: 10 10");
    CHECK(statistics(kBob).oldest_queued_at == bobs_at);
    CHECK(summary(statistics(kAdmin).all.value()) == " 3: 20 30");
    CHECK(statistics(kAdmin).ended_last_hour == 3);
    CHECK(statistics(kAdmin).oldest_queued_at == carols_at);
}
