#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct RetryCase : ContractCase {
    void retry(const JobId& id) { store->retry(id, "alice"); }
};

}  // namespace

TEST_CASE_METHOD(RetryCase, "a retried job is queued and due without traces of its last end") {
    const Status status = GENERATE(Status::done, Status::error, Status::cancelled);
    const JobId id = jobs.in(status).job_id;
    clock.advance(1min);
    retry(id);
    const Job job = get(id);
    CHECK(job.status == Status::queued);
    CHECK(job.updated_at == now());
    CHECK_FALSE(job.ended_at);
    CHECK_FALSE(job.expires_at);
    CHECK_FALSE(job.result);
    CHECK_FALSE(job.error);
    CHECK_FALSE(job.error_code);
    CHECK_FALSE(job.exit_code);
    CHECK_FALSE(job.signal);
    CHECK_FALSE(job.reason);
    CHECK_FALSE(job.cancel_requested_at);
    const Event last = jobs.events(id).back();
    CHECK(event_line(last) == "retry " + std::string{to_string(status)} + " -> queued");
    CHECK(last.actor == "alice");

    const auto claim = store->claim(worker());
    REQUIRE(claim);
    CHECK(claim->job.job_id == id);
    CHECK(claim->attempt.attempt == 2);
}

TEST_CASE_METHOD(RetryCase, "retrying adds one attempt if all are used up") {
    const JobId id = jobs.in(Status::error).job_id;
    retry(id);
    CHECK(get(id).max_attempts == 2);
    finish(jobs.open_attempt(id), ended_error());
    CHECK(get(id).status == Status::error);
    retry(id);
    CHECK(get(id).max_attempts == 3);
}

TEST_CASE_METHOD(RetryCase, "retrying adds no attempt if some are left") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 3;
    jobs.in(Status::cancelled, spec);
    retry(spec.job_id);
    CHECK(get(spec.job_id).max_attempts == 3);
    CHECK(get(spec.job_id).attempt == 1);
}

TEST_CASE_METHOD(RetryCase, "a job cancelled before its first run gets its first attempt") {
    const JobId id = jobs.queued();
    store->request_cancel(id, {"alice", "no", {}});
    retry(id);
    CHECK(get(id).max_attempts == 1);
    CHECK(jobs.open_attempt(id).attempt == 1);
}

TEST_CASE_METHOD(RetryCase, "retrying clears a cancel request") {
    const AttemptKey attempt = jobs.running();
    store->request_cancel(attempt.job_id, {"alice", {}, 3s});
    finish(attempt, ended_cancelled());
    retry(attempt.job_id);
    const AttemptKey second = jobs.open_attempt(attempt.job_id);
    const auto beat = store->heartbeat(second, 0);
    REQUIRE(beat);
    CHECK_FALSE(beat->cancel_requested_at);
    CHECK_FALSE(beat->cancel_grace);
}

TEST_CASE_METHOD(RetryCase, "a retried job can end done") {
    const JobId id = jobs.in(Status::error).job_id;
    retry(id);
    REQUIRE(finish(jobs.open_attempt(id), ended_done()));
    const Job job = get(id);
    CHECK(job.status == Status::done);
    CHECK_FALSE(job.reason);
    CHECK_FALSE(job.error);
    CHECK(job.attempt == 2);
}

TEST_CASE_METHOD(RetryCase, "a retried job holds its key again") {
    NewJob spec = jobs.command_spec();
    spec.key = "nightly";
    jobs.in(Status::error, spec);
    retry(spec.job_id);
    NewJob again = jobs.command_spec();
    again.key = "nightly";
    const Submitted submitted = store->submit(again);
    CHECK_FALSE(submitted.created);
    CHECK(submitted.job_id == spec.job_id);
}

TEST_CASE_METHOD(RetryCase, "retrying is refused while another job holds the key") {
    NewJob spec = jobs.command_spec();
    spec.key = "nightly";
    jobs.in(Status::error, spec);
    NewJob holder = jobs.command_spec();
    holder.key = "nightly";
    jobs.in(GENERATE(Status::queued, Status::running), holder);
    const std::string before = text(spec.job_id);
    const std::string history = jobs.history(spec.job_id);
    CHECK(error_of([&] { retry(spec.job_id); }) == ErrorCode::refused);
    CHECK(text(spec.job_id) == before);
    CHECK(jobs.history(spec.job_id) == history);
}

TEST_CASE_METHOD(RetryCase, "retrying is refused while a dependency has not ended well") {
    const JobId first = jobs.in(GENERATE(Status::error, Status::cancelled)).job_id;
    NewJob spec = jobs.command_spec();
    spec.after = {first};
    jobs.queued(spec);
    REQUIRE(get(spec.job_id).status == Status::cancelled);
    const std::string before = text(spec.job_id);
    CHECK(error_of([&] { retry(spec.job_id); }) == ErrorCode::refused);
    CHECK(text(spec.job_id) == before);
}

TEST_CASE_METHOD(RetryCase, "a job can be retried once its dependency is fixed") {
    const JobId first = jobs.in(Status::error).job_id;
    NewJob spec = jobs.command_spec();
    spec.queue = "waiting";
    spec.after = {first};
    jobs.queued(spec);
    retry(first);
    SECTION("the dependency is done") {
        finish(jobs.open_attempt(first), ended_done());
        retry(spec.job_id);
        CHECK(jobs.open_attempt(spec.job_id).attempt == 1);
    }
    SECTION("the dependency is queued again") {
        retry(spec.job_id);
        CHECK_FALSE(store->claim(worker({"waiting"})));
        finish(jobs.open_attempt(first), ended_done());
        CHECK(jobs.open_attempt(spec.job_id).attempt == 1);
    }
}

TEST_CASE_METHOD(RetryCase, "a retried job waits again for a dependency that is active again") {
    const JobId first = jobs.in(Status::done).job_id;
    NewJob spec = jobs.command_spec();
    spec.queue = "waiting";
    spec.after = {first};
    jobs.in(Status::done, spec);
    retry(first);
    retry(spec.job_id);
    CHECK_FALSE(store->claim(worker({"waiting"})));
    finish(jobs.open_attempt(first), ended_done());
    CHECK(jobs.open_attempt(spec.job_id).attempt == 2);
}

TEST_CASE_METHOD(RetryCase, "the hint of a refused retry names a command that works") {
    const auto hint_of = [&](const JobId& id) {
        try {
            retry(id);
        } catch (const Error& error) {
            return error.hint();
        }
        return std::string{};
    };
    using Catch::Matchers::Contains;
    const auto seq_of = [&](const JobId& id) { return std::to_string(get(id).seq); };
    const JobId running = jobs.running().job_id;
    CHECK_THAT(
        hint_of(running),
        Contains("cancel --wait " + seq_of(running) + "; atlasjob retry " + seq_of(running)));
    NewJob later = jobs.command_spec();
    later.run_after = now() + 1h;
    jobs.queued(later);
    CHECK_THAT(
        hint_of(later.job_id), Contains("atlasjob edit " + seq_of(later.job_id) + " --in 0s"));
    const JobId failed = jobs.in(Status::error).job_id;
    NewJob dependent = jobs.command_spec();
    dependent.after = {failed};
    jobs.queued(dependent);
    CHECK_THAT(hint_of(dependent.job_id), Contains("atlasjob retry " + seq_of(failed) + " "));
    store->remove(failed);
    CHECK_THAT(hint_of(dependent.job_id), Contains("atlasjob submit --like "));
    CHECK_THAT(hint_of(jobs.queued()), Contains("atlasjob status "));
}

TEST_CASE_METHOD(RetryCase, "retrying an unended job is refused") {
    const JobId id = jobs.in(GENERATE(Status::queued, Status::running)).job_id;
    const std::string before = text(id);
    CHECK(error_of([&] { retry(id); }) == ErrorCode::refused);
    CHECK(text(id) == before);
}

TEST_CASE_METHOD(RetryCase, "retrying an unknown job fails") {
    CHECK(error_of([&] { retry(JobId::make(now())); }) == ErrorCode::not_found);
}
