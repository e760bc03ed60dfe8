#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct StartCase : ContractCase {
    AttemptKey start(const JobId& id) { return store->start(id, "alice"); }
    std::optional<ErrorCode> refusal_of(const JobId& id) {
        return error_of([&] { start(id); });
    }
};

}  // namespace

TEST_CASE_METHOD(StartCase, "starting opens an attempt of a job without a command") {
    NewJob spec = jobs.created_spec();
    spec.lease = 60s;
    jobs.queued(spec);
    clock.advance(1min);
    const AttemptKey attempt = start(spec.job_id);
    const Job job = get(spec.job_id);
    CHECK(job.status == Status::running);
    CHECK(job.attempt == 1);
    CHECK(job.started_at == now());
    CHECK(job.lease_until == now() + 60s);
    CHECK(attempt.attempt == 1);
    CHECK(attempt.fence);
    CHECK(jobs.history(spec.job_id) == "submit -> queued, start queued -> running");
    CHECK(jobs.events(spec.job_id).back().actor == "alice");
}

TEST_CASE_METHOD(StartCase, "a job started without a lease has none") {
    CHECK_FALSE(get(jobs.running(jobs.created_spec()).job_id).lease_until);
}

TEST_CASE_METHOD(StartCase, "a job with a command cannot be started") {
    const JobId id = jobs.queued();
    const std::string before = text(id);
    CHECK(refusal_of(id) == ErrorCode::refused);
    CHECK(text(id) == before);
}

TEST_CASE_METHOD(StartCase, "starting an unknown job fails") {
    CHECK(refusal_of(JobId::make(now())) == ErrorCode::not_found);
}

TEST_CASE_METHOD(StartCase, "a job cannot be started until all its dependencies are done") {
    const AttemptKey first = jobs.running();
    const AttemptKey second = jobs.running();
    NewJob spec = jobs.created_spec();
    spec.after = {first.job_id, second.job_id};
    jobs.queued(spec);
    const std::string before = text(spec.job_id);
    CHECK(refusal_of(spec.job_id) == ErrorCode::refused);
    CHECK(text(spec.job_id) == before);
    finish(first, ended_done());
    CHECK(refusal_of(spec.job_id) == ErrorCode::refused);
    finish(second, ended_done());
    CHECK(start(spec.job_id).attempt == 1);
}

TEST_CASE_METHOD(StartCase, "an executor may start a job before its run_after time") {
    NewJob spec = jobs.created_spec();
    spec.run_after = now() + 1h;
    jobs.queued(spec);
    CHECK(start(spec.job_id).attempt == 1);
}

TEST_CASE_METHOD(StartCase, "refusing to start a job explains why") {
    NewJob waits = jobs.created_spec();
    waits.after = {jobs.running().job_id};
    jobs.queued(waits);
    CHECK_THROWS_WITH(start(waits.job_id), Catch::Contains("waits for 1 other job;"));
}
