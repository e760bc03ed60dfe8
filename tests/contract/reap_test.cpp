#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct ReapCase : ContractCase {
    /// A running job whose command was spawned.
    AttemptKey spawned(int max_attempts = 1) {
        NewJob spec = jobs.command_spec();
        spec.max_attempts = max_attempts;
        const AttemptKey attempt = jobs.running(spec);
        REQUIRE(store->note_process(attempt, some_process(815)));
        return attempt;
    }
    void fall_silent(const AttemptKey& attempt) {
        clock.advance(kLease);
        REQUIRE(store->mark_suspect(attempt));
        clock.advance(kSuspectSilence);
    }
    std::optional<Finished> reap(const AttemptKey& attempt, ReapGround ground) {
        return store->reap(attempt, ground, "gc");
    }
    void request_cancel(const AttemptKey& attempt) {
        store->request_cancel(attempt.job_id, {"alice", {}, {}});
    }
};

}  // namespace

TEST_CASE_METHOD(ReapCase, "running_attempts lists exactly the running attempts oldest first") {
    CHECK(store->running_attempts().empty());
    for (const Status status : {Status::done, Status::error, Status::cancelled})
        jobs.in(status);
    const AttemptKey first = jobs.running();
    clock.advance(1s);
    const AttemptKey second = jobs.running();
    NewJob spec = jobs.created_spec();
    const AttemptKey third = jobs.running(spec);
    jobs.queued();

    const auto running = store->running_attempts();
    REQUIRE(running.size() == 3);
    CHECK(running[0].key.job_id == first.job_id);
    CHECK(running[0].key.attempt == first.attempt);
    CHECK(running[0].key.fence == first.fence);
    CHECK(running[0].seq == get(first.job_id).seq);
    REQUIRE(running[0].supervisor);
    CHECK(*running[0].supervisor == some_process());
    CHECK_FALSE(running[0].process);
    CHECK(running[0].lease_until == now() - 1s + kLease);
    CHECK(running[1].key.job_id == second.job_id);
    CHECK(running[2].key.job_id == third.job_id);
    CHECK_FALSE(running[2].supervisor);
    CHECK_FALSE(running[2].lease_until);
}

TEST_CASE_METHOD(ReapCase, "an attempt can be marked suspect only after its lease expired") {
    const AttemptKey attempt = jobs.running();
    clock.advance(kLease - 1ms);
    CHECK_FALSE(store->mark_suspect(attempt));
    CHECK_FALSE(get(attempt.job_id).suspect_at);
    clock.advance(1ms);
    CHECK(store->mark_suspect(attempt));
    CHECK(get(attempt.job_id).suspect_at == now());
    CHECK(get(attempt.job_id).status == Status::running);
    CHECK(store->running_attempts().at(0).suspect == clock.read());
    CHECK(jobs.history(attempt.job_id) == "submit -> queued, claim queued -> running");
}

TEST_CASE_METHOD(ReapCase, "marking a suspect attempt again keeps the first time") {
    const AttemptKey attempt = spawned();
    clock.advance(kLease);
    const Time suspect_at = now();
    static_cast<void>(store->mark_suspect(attempt));
    clock.advance(kSuspectSilence - 1ms);
    static_cast<void>(store->mark_suspect(attempt));
    CHECK(get(attempt.job_id).suspect_at == suspect_at);
    clock.advance(1ms);
    CHECK(reap(attempt, ReapGround::silent));
}

TEST_CASE_METHOD(ReapCase, "an attempt without a lease is never suspect or silent") {
    const AttemptKey attempt = jobs.running(jobs.created_spec());
    clock.advance(24h * 365);
    const std::string before = text(attempt.job_id);
    CHECK_FALSE(store->mark_suspect(attempt));
    CHECK_FALSE(reap(attempt, ReapGround::silent));
    CHECK(text(attempt.job_id) == before);
}

TEST_CASE_METHOD(ReapCase, "silence reaps an attempt only after a full suspicion period") {
    const AttemptKey attempt = spawned();
    clock.advance(24h);
    CHECK_FALSE(reap(attempt, ReapGround::silent));
    REQUIRE(store->mark_suspect(attempt));
    CHECK_FALSE(reap(attempt, ReapGround::silent));
    clock.advance(kSuspectSilence - 1ms);
    CHECK_FALSE(reap(attempt, ReapGround::silent));
    CHECK(get(attempt.job_id).status == Status::running);
    clock.advance(1ms);
    CHECK(reap(attempt, ReapGround::silent));
    CHECK(get(attempt.job_id).status == Status::error);
}

TEST_CASE_METHOD(ReapCase, "a heartbeat clears the suspicion of an attempt") {
    const AttemptKey attempt = spawned();
    fall_silent(attempt);
    REQUIRE(store->heartbeat(attempt, 0));
    CHECK_FALSE(reap(attempt, ReapGround::silent));
    CHECK(get(attempt.job_id).status == Status::running);
    CHECK_FALSE(store->mark_suspect(attempt));
}

TEST_CASE_METHOD(ReapCase, "an attempt whose executor is gone is reaped at once") {
    const AttemptKey attempt = spawned();
    const auto reaped = reap(attempt, ReapGround::executor_gone);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::error);
}

TEST_CASE_METHOD(ReapCase, "a job whose worker was lost ends in error with reason worker_lost") {
    const AttemptKey attempt = spawned();
    fall_silent(attempt);
    const auto reaped = reap(attempt, ReapGround::silent);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::error);
    CHECK_FALSE(reaped->run_after);
    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::worker_lost);
    CHECK(job.error_code == "worker_lost");
    CHECK(!job.error.value_or("").empty());
    CHECK(job.ended_at == now());
    CHECK(job.expires_at == now() + default_retention(Status::error));
    CHECK_FALSE(job.lease_until);
    CHECK_FALSE(job.suspect_at);
    const Event last = jobs.events(attempt.job_id).back();
    CHECK(event_line(last) == "reap running -> error");
    CHECK(last.actor == "gc");
    CHECK(last.reason == Reason::worker_lost);
}

TEST_CASE_METHOD(ReapCase, "a lost job with attempts left is queued again") {
    const AttemptKey attempt = spawned(2);
    const auto reaped = reap(attempt, ReapGround::executor_gone);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::queued);
    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::queued);
    CHECK(job.reason == Reason::worker_lost);
    CHECK(job.run_after == reaped->run_after);
    CHECK_FALSE(job.ended_at);
    CHECK_FALSE(job.lease_until);
    CHECK(event_line(jobs.events(attempt.job_id).back()) == "reap running -> queued");
    clock.advance(2 * kMaxBackoff);
    CHECK(jobs.open_attempt(attempt.job_id).attempt == 2);
}

TEST_CASE_METHOD(
    ReapCase,
    "a reaped job whose command was never spawned is queued again even without attempts left") {
    const AttemptKey attempt = jobs.running();
    const auto reaped = reap(attempt, ReapGround::executor_gone);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::queued);
    CHECK(get(attempt.job_id).status == Status::queued);
    clock.advance(2 * kMaxBackoff);
    const AttemptKey second = jobs.open_attempt(attempt.job_id);
    CHECK(second.fence != attempt.fence);
    CHECK_FALSE(finish(attempt, ended_done()));
    REQUIRE(finish(second, ended_error()));
    CHECK(get(attempt.job_id).status == Status::error);
}

TEST_CASE_METHOD(ReapCase, "a reaped job whose command was about to be spawned counts as lost") {
    const JobId id = jobs.queued();
    ClaimRequest request = worker();
    request.owner.starts_at_once = true;
    const auto claim = store->claim(request);
    REQUIRE(claim);
    const auto running = store->running_attempts();
    REQUIRE(running.size() == 1);
    CHECK_FALSE(running[0].process);
    const auto reaped = reap(claim->attempt, ReapGround::executor_gone);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::error);
    CHECK(get(id).reason == Reason::worker_lost);
}

TEST_CASE_METHOD(ReapCase, "a reaped claim that its supervisor never learned of is queued again") {
    ClaimRequest request = worker();
    request.owner.starts_at_once = true;
    const JobId id = jobs.queued();
    const JobId other = jobs.queued();
    const auto unknown = store->claim(request);
    REQUIRE(unknown);
    REQUIRE(unknown->job.job_id == id);
    clock.advance(1s);
    const bool same_supervisor = GENERATE(true, false);
    if (!same_supervisor) request.owner.supervisor = some_process(4712);
    const auto current = store->claim(request);
    REQUIRE(current);
    REQUIRE(current->job.job_id == other);
    fall_silent(unknown->attempt);
    REQUIRE(store->heartbeat(current->attempt, 0));
    const auto reaped = reap(unknown->attempt, ReapGround::silent);
    REQUIRE(reaped);
    // A heartbeat of another supervisor proves nothing about this attempt.
    CHECK(reaped->status == (same_supervisor ? Status::queued : Status::error));
    if (!same_supervisor) return;
    CHECK(get(id).attempt == 0);
    const auto again = store->claim(request);
    REQUIRE(again);
    CHECK(again->attempt.attempt == 1);
    CHECK(again->attempt.fence != unknown->attempt.fence);
}

TEST_CASE_METHOD(
    ReapCase, "a reaped attempt known to its supervisor counts as lost despite later claims") {
    ClaimRequest request = worker();
    request.owner.starts_at_once = true;
    const JobId id = jobs.queued();
    jobs.queued();
    REQUIRE(store->claim(request));
    clock.advance(1s);
    const auto unknown = store->claim(request);
    REQUIRE(unknown);
    clock.advance(1s);
    const auto running = store->running_attempts();
    const AttemptKey current = running.at(0).key;
    REQUIRE(current.job_id == id);
    REQUIRE(store->heartbeat(current, 0));
    const auto reaped = reap(current, ReapGround::executor_gone);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::error);
    CHECK(get(id).reason == Reason::worker_lost);
}

TEST_CASE_METHOD(
    ReapCase,
    "a reaped attempt with a spawned command counts as lost whatever its supervisor does") {
    const AttemptKey attempt = spawned();
    clock.advance(1s);
    jobs.running();
    const auto reaped = reap(attempt, ReapGround::executor_gone);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::error);
}

TEST_CASE_METHOD(ReapCase, "a lost job with a cancel request is cancelled") {
    const AttemptKey attempt = GENERATE(1, 2, 0) == 0 ? jobs.running() : spawned(2);
    request_cancel(attempt);
    const auto reaped = reap(attempt, ReapGround::executor_gone);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::cancelled);
    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::cancelled);
    CHECK(job.ended_at == now());
    CHECK(event_line(jobs.events(attempt.job_id).back()) == "reap running -> cancelled");
}

TEST_CASE_METHOD(ReapCase, "a started job whose executor falls silent is lost") {
    NewJob spec = jobs.created_spec();
    spec.lease = 60s;
    const AttemptKey attempt = jobs.running(spec);
    clock.advance(60s);
    REQUIRE(store->mark_suspect(attempt));
    clock.advance(kSuspectSilence);
    const auto reaped = reap(attempt, ReapGround::silent);
    REQUIRE(reaped);
    CHECK(reaped->status == Status::error);
    CHECK(get(spec.job_id).reason == Reason::worker_lost);
}

TEST_CASE_METHOD(ReapCase, "a reaped supervisor can no longer write to the attempt") {
    const AttemptKey attempt = spawned();
    REQUIRE(reap(attempt, ReapGround::executor_gone));
    const std::string before = text(attempt.job_id);
    CHECK_FALSE(store->heartbeat(attempt, 0));
    CHECK_FALSE(store->report(attempt, {}));
    CHECK_FALSE(store->release(attempt, "worker"));
    CHECK_FALSE(reap(attempt, ReapGround::executor_gone));
    CHECK(text(attempt.job_id) == before);
}
