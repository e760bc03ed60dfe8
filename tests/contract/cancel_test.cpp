#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

const CancelRequest kByAlice{"alice", {}, {}};

}  // namespace

TEST_CASE_METHOD(ContractCase, "cancelling a queued job ends it without a run") {
    const JobId id = jobs.queued();
    clock.advance(1min);
    CHECK(store->request_cancel(id, kByAlice) == CancelResult::cancelled);
    const Job job = get(id);
    CHECK(job.status == Status::cancelled);
    CHECK(job.reason == Reason::user);
    CHECK(job.ended_at == now());
    CHECK(job.expires_at == now() + default_retention(Status::cancelled));
    CHECK(job.attempt == 0);
    CHECK_FALSE(job.started_at);
    CHECK(jobs.history(id) == "submit -> queued, cancel queued -> cancelled");
    CHECK(jobs.events(id).back().actor == "alice");
    CHECK_FALSE(store->claim(worker()));
}

TEST_CASE_METHOD(ContractCase, "any queued job can be cancelled whatever it waits for") {
    NewJob spec = jobs.command_spec();
    SECTION("its run_after time") {
        spec.run_after = now() + 1h;
    }
    SECTION("another job") {
        spec.after = {jobs.running().job_id};
    }
    SECTION("its executor") {
        spec.command.reset();
    }
    SECTION("its next attempt") {
        spec.max_attempts = 2;
        finish(jobs.running(spec), ended_error());
    }
    if (!store->get(JobRef::of(spec.job_id), kAdmin, Detail::summary)) jobs.queued(spec);
    CHECK(store->request_cancel(spec.job_id, kByAlice) == CancelResult::cancelled);
    CHECK(get(spec.job_id).status == Status::cancelled);
    CHECK_FALSE(store->next_due({}));
    CHECK(store->count_runnable({}) == 0);
}

TEST_CASE_METHOD(ContractCase, "the text of a cancel becomes the job's error") {
    const JobId id = jobs.queued();
    store->request_cancel(id, {"alice", "wrong channel", {}});
    CHECK(get(id).error == "Cancelled by user: wrong channel");
}

TEST_CASE_METHOD(
    ContractCase, "cancelling a running job requests a stop and the job runs until it does") {
    const AttemptKey attempt = jobs.running();
    clock.advance(1min);
    const Time lease_until = *get(attempt.job_id).lease_until;
    CHECK(store->request_cancel(attempt.job_id, kByAlice) == CancelResult::requested);
    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::running);
    CHECK(job.cancel_requested_at == now());
    CHECK(job.lease_until == lease_until);
    CHECK_FALSE(job.ended_at);
    CHECK_FALSE(job.error);
    CHECK(
        jobs.history(attempt.job_id)
        == "submit -> queued, claim queued -> running, request_cancel running -> running");
    CHECK(jobs.events(attempt.job_id).back().actor == "alice");
    REQUIRE(finish(attempt, ended_cancelled()));
    CHECK(get(attempt.job_id).status == Status::cancelled);
    CHECK(get(attempt.job_id).cancel_requested_at == now());
}

TEST_CASE_METHOD(
    ContractCase, "the text of a cancel request becomes the error of the stopped job") {
    const AttemptKey attempt = jobs.running();
    store->request_cancel(attempt.job_id, {"alice", "wrong channel", {}});
    Outcome outcome = ended_cancelled();
    outcome.error.reset();
    finish(attempt, outcome);
    CHECK(get(attempt.job_id).error == "Cancelled by user: wrong channel");
}

TEST_CASE_METHOD(
    ContractCase, "a second cancel request changes nothing and reports already_requested") {
    const AttemptKey attempt = jobs.running();
    store->request_cancel(attempt.job_id, kByAlice);
    const std::string before = text(attempt.job_id);
    const std::string history = jobs.history(attempt.job_id);
    clock.advance(1min);
    CHECK(
        store->request_cancel(attempt.job_id, {"bob", "me too", 1s})
        == CancelResult::already_requested);
    CHECK(text(attempt.job_id) == before);
    CHECK(jobs.history(attempt.job_id) == history);
    CHECK_FALSE(store->heartbeat(attempt, 0)->cancel_grace);
}

TEST_CASE_METHOD(ContractCase, "cancelling an ended job changes nothing") {
    const Status status = GENERATE(Status::done, Status::error, Status::cancelled);
    const JobId id = jobs.in(status).job_id;
    const std::string before = text(id);
    CHECK(store->request_cancel(id, kByAlice) == CancelResult::already_terminal);
    CHECK(text(id) == before);
}

TEST_CASE_METHOD(ContractCase, "cancelling an unknown job fails") {
    CHECK(
        error_of([&] { store->request_cancel(JobId::make(now()), kByAlice); })
        == ErrorCode::not_found);
}

TEST_CASE_METHOD(ContractCase, "cancelling releases the job's key") {
    NewJob spec = jobs.command_spec();
    spec.key = "nightly";
    jobs.queued(spec);
    store->request_cancel(spec.job_id, kByAlice);
    NewJob again = jobs.command_spec();
    again.key = "nightly";
    CHECK(store->submit(again).created);
}
