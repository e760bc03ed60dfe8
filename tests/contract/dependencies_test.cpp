#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

NewJob waiting_for(const JobFactory& jobs, std::vector<JobId> after) {
    NewJob spec = jobs.command_spec();
    spec.queue = "waiting";
    spec.after = std::move(after);
    return spec;
}

struct DependencyCase : ContractCase {
    JobId submit_after(std::vector<JobId> after) {
        return jobs.queued(waiting_for(jobs, std::move(after)));
    }
    JobId submit_after_ended(std::vector<JobId> after) {
        NewJob spec = waiting_for(jobs, {});
        spec.after_ended = std::move(after);
        return jobs.queued(spec);
    }
    bool can_be_claimed(const JobId& id) {
        const auto claim = store->claim(worker({"waiting"}));
        return claim && claim->job.job_id == id;
    }
    void check_cancelled_by_dependency(const JobId& id) {
        const Job job = get(id);
        CHECK(job.status == Status::cancelled);
        CHECK(job.reason == Reason::dependency);
        CHECK(job.error_code == "dependency");
        CHECK(!job.error.value_or("").empty());
        CHECK(job.ended_at == now());
        CHECK(job.expires_at == now() + default_retention(Status::cancelled));
        CHECK_FALSE(job.started_at);
        CHECK(jobs.history(id) == "submit -> queued, fail_dependency queued -> cancelled");
    }
};

}  // namespace

TEST_CASE_METHOD(DependencyCase, "a job waits until all its dependencies are done") {
    const AttemptKey first = jobs.running();
    const AttemptKey second = jobs.running();
    const JobId waiting = submit_after({first.job_id, second.job_id});
    CHECK_FALSE(can_be_claimed(waiting));
    finish(first, ended_done());
    CHECK_FALSE(can_be_claimed(waiting));
    finish(second, ended_done());
    CHECK(can_be_claimed(waiting));
}

TEST_CASE_METHOD(DependencyCase, "a dependency that is already done is not waited for") {
    const JobId done = jobs.in(Status::done).job_id;
    const JobId waiting = submit_after({done});
    CHECK(get(waiting).after == std::vector{done});
    CHECK(can_be_claimed(waiting));
}

TEST_CASE_METHOD(
    DependencyCase, "a job is cancelled if a dependency ends in error or is cancelled") {
    const Status end = GENERATE(Status::error, Status::cancelled);
    const AttemptKey first = jobs.running();
    const JobId waiting = submit_after({first.job_id, jobs.queued()});
    clock.advance(1min);
    finish(first, end == Status::error ? ended_error() : ended_cancelled());
    check_cancelled_by_dependency(waiting);
}

TEST_CASE_METHOD(DependencyCase, "cancelling a queued job cancels its dependents") {
    const JobId first = jobs.queued();
    const JobId waiting = submit_after({first});
    CHECK(store->request_cancel(first, {"alice", {}, {}}) == CancelResult::cancelled);
    check_cancelled_by_dependency(waiting);
}

TEST_CASE_METHOD(DependencyCase, "losing a job's executor cancels its dependents") {
    const AttemptKey first = jobs.running();
    REQUIRE(store->note_process(first, some_process(5)));
    const JobId waiting = submit_after({first.job_id});
    REQUIRE(store->reap(first, ReapGround::executor_gone, "gc"));
    check_cancelled_by_dependency(waiting);
}

TEST_CASE_METHOD(DependencyCase, "a failed dependency cascades through the whole chain") {
    const AttemptKey first = jobs.running();
    const JobId second = submit_after({first.job_id});
    const JobId third = submit_after({second});
    const JobId fourth = submit_after({third, second});
    finish(first, ended_error());
    check_cancelled_by_dependency(second);
    check_cancelled_by_dependency(third);
    check_cancelled_by_dependency(fourth);
}

TEST_CASE_METHOD(DependencyCase, "a long dependency chain fails in one transaction") {
    const AttemptKey first = jobs.running();
    std::vector<JobId> chain{first.job_id};
    for (int n = 0; n < 500; ++n)
        chain.push_back(submit_after({chain.back()}));
    finish(first, ended_error());
    ListQuery cancelled;
    cancelled.filter.statuses = {Status::cancelled};
    CHECK(store->list(cancelled, kAdmin).total == 500);
    check_cancelled_by_dependency(chain.back());
}

TEST_CASE_METHOD(
    DependencyCase, "a failed attempt with attempts left does not fail the dependents") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    const AttemptKey first = jobs.running(spec);
    const JobId waiting = submit_after({spec.job_id});
    finish(first, ended_error());
    CHECK(get(waiting).status == Status::queued);
    CHECK_FALSE(can_be_claimed(waiting));

    clock.advance(2 * kMaxBackoff);
    finish(jobs.open_attempt(spec.job_id), ended_done());
    CHECK(can_be_claimed(waiting));
}

TEST_CASE_METHOD(DependencyCase, "a job with a failed dependency is created cancelled") {
    const Status end = GENERATE(Status::error, Status::cancelled);
    const NewJob spec = waiting_for(jobs, {jobs.in(end).job_id});
    const Submitted submitted = store->submit(spec);
    CHECK(submitted.created);
    CHECK(submitted.job_id == spec.job_id);
    check_cancelled_by_dependency(spec.job_id);
}

TEST_CASE_METHOD(DependencyCase, "a job with an unknown dependency is rejected") {
    const JobId done = jobs.in(Status::done).job_id;
    const NewJob spec = waiting_for(jobs, {done, JobId::make(now())});
    CHECK(error_of([&] { store->submit(spec); }) == ErrorCode::not_found);
    CHECK(store->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(
    DependencyCase, "a job with a dependency of another owner is rejected as unknown") {
    NewJob foreign = jobs.command_spec();
    foreign.owner = "bob";
    jobs.queued(foreign);
    const NewJob spec = waiting_for(jobs, {foreign.job_id});
    CHECK(error_of([&] { store->submit(spec); }) == ErrorCode::not_found);
    CHECK_FALSE(store->get(JobRef::of(spec.job_id), kAdmin, Detail::summary));
}

TEST_CASE_METHOD(DependencyCase, "running and ended jobs ignore how their dependencies end later") {
    const Status status = GENERATE(Status::running, Status::done, Status::error, Status::cancelled);
    const JobId first = jobs.in(Status::done).job_id;
    const JobId behind = jobs.in(status, waiting_for(jobs, {first})).job_id;
    store->retry(first, "alice");
    const std::string before = text(behind);
    finish(jobs.open_attempt(first), ended_error());
    CHECK(text(behind) == before);
}

TEST_CASE_METHOD(DependencyCase, "dependents can still run after a done dependency was deleted") {
    const JobId first = jobs.in(Status::done).job_id;
    NewJob spec = waiting_for(jobs, {first});
    spec.run_after = now() + 24h * 30;
    const JobId waiting = jobs.queued(spec);
    clock.advance(24h * 30);
    REQUIRE(store->prune({}, 100).size() == 1);
    CHECK(get(waiting).status == Status::queued);
    CHECK(can_be_claimed(waiting));
}

TEST_CASE_METHOD(DependencyCase, "a dependency listed twice counts once") {
    const AttemptKey first = jobs.running();
    const JobId waiting = submit_after({first.job_id, first.job_id});
    CHECK(get(waiting).after == std::vector{first.job_id});
    finish(first, ended_done());
    CHECK(can_be_claimed(waiting));
}

TEST_CASE_METHOD(DependencyCase, "a job after the end of another starts however that one ends") {
    const Status end = GENERATE(Status::done, Status::error, Status::cancelled);
    const AttemptKey first = jobs.running();
    const JobId waiting = submit_after_ended({first.job_id});
    CHECK(get(waiting).after_ended == std::vector{first.job_id});
    CHECK(get(waiting).after.empty());
    CHECK_FALSE(can_be_claimed(waiting));
    finish(
        first, end == Status::done    ? ended_done()
               : end == Status::error ? ended_error()
                                      : ended_cancelled());
    CHECK(can_be_claimed(waiting));
}

TEST_CASE_METHOD(DependencyCase, "a job after the end of one that has ended can start at once") {
    const JobId first = jobs.in(GENERATE(Status::done, Status::error, Status::cancelled)).job_id;
    CHECK(can_be_claimed(submit_after_ended({first})));
}

TEST_CASE_METHOD(DependencyCase, "cancelling a queued job releases those that wait for its end") {
    const JobId first = jobs.queued();
    const JobId waiting = submit_after_ended({first});
    REQUIRE(store->request_cancel(first, {"alice", {}, {}}) == CancelResult::cancelled);
    CHECK(can_be_claimed(waiting));
}

TEST_CASE_METHOD(DependencyCase, "a failed chain releases the job that waits for its last end") {
    const AttemptKey first = jobs.running();
    const JobId second = submit_after({first.job_id});
    const JobId cleanup = submit_after_ended({second});
    finish(first, ended_error());
    check_cancelled_by_dependency(second);
    CHECK(can_be_claimed(cleanup));
}

TEST_CASE_METHOD(DependencyCase, "a job in both lists has to be done") {
    const AttemptKey first = jobs.running();
    NewJob spec = waiting_for(jobs, {first.job_id});
    spec.after_ended = {first.job_id};
    jobs.queued(spec);
    CHECK(get(spec.job_id).after == std::vector{first.job_id});
    CHECK(get(spec.job_id).after_ended.empty());
    finish(first, ended_error());
    check_cancelled_by_dependency(spec.job_id);
}

TEST_CASE_METHOD(DependencyCase, "a deleted job counts as a dependency by how it ended") {
    const Status end = GENERATE(Status::done, Status::error, Status::cancelled);
    const JobId first = jobs.in(end).job_id;
    store->remove(first);
    const JobId any = submit_after_ended({first});
    CHECK(can_be_claimed(any));
    const JobId done = submit_after({first});
    if (end == Status::done) {
        CHECK(can_be_claimed(done));
    } else {
        check_cancelled_by_dependency(done);
    }
}

TEST_CASE_METHOD(DependencyCase, "a deleted job of another owner is rejected as unknown") {
    NewJob foreign = jobs.command_spec();
    foreign.owner = "bob";
    jobs.in(Status::done, foreign);
    store->remove(foreign.job_id);
    const NewJob spec = waiting_for(jobs, {foreign.job_id});
    CHECK(error_of([&] { store->submit(spec); }) == ErrorCode::not_found);
}

TEST_CASE_METHOD(DependencyCase, "cancelled_dependents names the whole chain, oldest first") {
    const AttemptKey first = jobs.running();
    const JobId second = submit_after({first.job_id});
    const JobId third = submit_after({second});
    submit_after_ended({second});
    const JobId by_user = submit_after({first.job_id});
    REQUIRE(store->request_cancel(by_user, {"alice", {}, {}}) == CancelResult::cancelled);
    CHECK(store->cancelled_dependents(first.job_id).empty());
    finish(first, ended_error());
    std::vector<JobId> found;
    for (const Job& job : store->cancelled_dependents(first.job_id))
        found.push_back(job.job_id);
    CHECK(found == std::vector{second, third});
    store->retry(first.job_id, "alice");
    CHECK(store->cancelled_dependents(first.job_id).size() == 2);
    store->retry(second, "alice");
    CHECK(store->cancelled_dependents(first.job_id).empty());
}
