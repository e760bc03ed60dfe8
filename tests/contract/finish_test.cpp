#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct FinishingCase : ContractCase {
    AttemptKey running_with(int max_attempts, std::optional<milliseconds> backoff = {}) {
        NewJob spec = jobs.command_spec();
        spec.max_attempts = max_attempts;
        spec.command->backoff = backoff;
        return jobs.running(spec);
    }
    void report_result(const AttemptKey& attempt, std::string result) {
        Report report;
        report.result = std::move(result);
        REQUIRE(store->report(attempt, report));
    }
    void check_backs_off(const AttemptKey& attempt, milliseconds base) {
        const auto finished = finish(attempt, ended_error());
        REQUIRE(finished);
        CHECK(finished->status == Status::queued);
        REQUIRE(finished->run_after);
        CHECK(*finished->run_after >= now() + base);
        CHECK(*finished->run_after <= now() + base + base / 4);
        CHECK(get(attempt.job_id).run_after == finished->run_after);
    }
};

}  // namespace

TEST_CASE_METHOD(FinishingCase, "finishing with done completes the job and all its fields") {
    const AttemptKey attempt = jobs.running();
    Report report;
    report.progress = 0.4;
    store->report(attempt, report);
    clock.advance(1min);
    Outcome outcome = ended_done();
    outcome.result = R"({"files":3})";
    outcome.log_bytes = 77;
    const auto finished = finish(attempt, outcome);
    REQUIRE(finished);
    CHECK(finished->status == Status::done);
    CHECK_FALSE(finished->run_after);

    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::done);
    CHECK(job.progress == 1.0);
    CHECK(job.result == R"({"files":3})");
    CHECK(job.exit_code == 0);
    CHECK(job.ended_at == now());
    CHECK(job.updated_at == now());
    CHECK(job.expires_at == now() + default_retention(Status::done));
    CHECK(job.log_bytes == 77);
    CHECK(job.attempt == 1);
    CHECK_FALSE(job.error);
    CHECK_FALSE(job.error_code);
    CHECK_FALSE(job.reason);
    CHECK_FALSE(job.lease_until);
    CHECK_FALSE(job.suspect_at);
}

TEST_CASE_METHOD(FinishingCase, "a done job has progress 1 even without reports") {
    CHECK(get(jobs.in(Status::done).job_id).progress == 1.0);
}

TEST_CASE_METHOD(FinishingCase, "a partial success is done with reason partial") {
    const AttemptKey attempt = jobs.running();
    Outcome outcome = ended_done();
    outcome.reason = Reason::partial;
    finish(attempt, outcome);
    CHECK(get(attempt.job_id).status == Status::done);
    CHECK(get(attempt.job_id).reason == Reason::partial);
}

TEST_CASE_METHOD(FinishingCase, "an error outcome stores the exit code and the error") {
    const AttemptKey attempt = jobs.running();
    Report report;
    report.progress = 0.4;
    store->report(attempt, report);
    const auto finished = finish(attempt, ended_error());
    REQUIRE(finished);
    CHECK(finished->status == Status::error);

    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::exit_code);
    CHECK(job.error == "command exited with 3");
    CHECK(job.error_code == "exit_code");
    CHECK(job.exit_code == 3);
    CHECK(job.progress == 0.4);
    CHECK(job.ended_at == now());
    CHECK(job.expires_at == now() + default_retention(Status::error));
    CHECK_FALSE(job.result);
}

TEST_CASE_METHOD(FinishingCase, "a cancelled outcome stores the signal and the reason") {
    const AttemptKey attempt = jobs.running();
    const auto finished = finish(attempt, ended_cancelled());
    REQUIRE(finished);
    CHECK(finished->status == Status::cancelled);
    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::cancelled);
    CHECK(job.reason == Reason::user);
    CHECK(job.signal == "SIGTERM");
    CHECK(job.error == "Cancelled by user");
    CHECK(job.expires_at == now() + default_retention(Status::cancelled));
}

TEST_CASE_METHOD(FinishingCase, "a finish is recorded as an event with its actor") {
    const AttemptKey attempt = jobs.running();
    finish(attempt, ended_error());
    const Event last = jobs.events(attempt.job_id).back();
    CHECK(event_line(last) == "finish running -> error");
    CHECK(last.actor == "supervisor");
    CHECK(last.reason == Reason::exit_code);
    CHECK(last.at == now());
}

TEST_CASE_METHOD(FinishingCase, "a job's own retention determines when it expires") {
    NewJob spec = jobs.command_spec();
    spec.retention = 1h;
    finish(jobs.running(spec), ended_error());
    CHECK(get(spec.job_id).expires_at == now() + 1h);
}

TEST_CASE_METHOD(FinishingCase, "the reported result is stored if the job ends done") {
    const AttemptKey attempt = jobs.running();
    report_result(attempt, R"({"n":1})");
    report_result(attempt, R"({"n":2})");
    finish(attempt, ended_done());
    CHECK(get(attempt.job_id).result == R"({"n":2})");
}

TEST_CASE_METHOD(FinishingCase, "a result given to finish overrides the reported one") {
    const AttemptKey attempt = jobs.running();
    report_result(attempt, R"({"n":1})");
    Outcome outcome = ended_done();
    outcome.result = "[]";
    finish(attempt, outcome);
    CHECK(get(attempt.job_id).result == "[]");
}

TEST_CASE_METHOD(FinishingCase, "the reported result is dropped if the job does not end done") {
    const AttemptKey attempt = jobs.running();
    report_result(attempt, R"({"n":1})");
    finish(attempt, GENERATE(true, false) ? ended_error() : ended_cancelled());
    CHECK_FALSE(get(attempt.job_id).result);
}

TEST_CASE_METHOD(
    FinishingCase, "a result reported by a failed attempt is not used by the next one") {
    const AttemptKey first = running_with(2);
    report_result(first, R"({"half":true})");
    finish(first, ended_error());
    clock.advance(2 * kMaxBackoff);
    finish(jobs.open_attempt(first.job_id), ended_done());
    CHECK_FALSE(get(first.job_id).result);
}

TEST_CASE_METHOD(FinishingCase, "results of any size are stored byte for byte") {
    const std::string result = GENERATE(
        std::string{"{}"}, std::string{"[]"}, std::string{"null"}, std::string{"\"\""},
        std::string{R"({"b":1.10,"a":1e5,"b":2})"}, "\"" + std::string(2'000'000, 'x') + "\"");
    const AttemptKey attempt = jobs.running();
    SECTION("given to finish") {
        Outcome outcome = ended_done();
        outcome.result = result;
        finish(attempt, outcome);
    }
    SECTION("reported") {
        report_result(attempt, result);
        finish(attempt, ended_done());
    }
    // The extra parentheses keep Catch2 from printing up to 2 MB.
    CHECK((get(attempt.job_id).result == result));
}

TEST_CASE_METHOD(
    FinishingCase, "a failed job with attempts left is queued again and keeps the reason") {
    const AttemptKey attempt = running_with(2, 10s);
    clock.advance(1min);
    check_backs_off(attempt, 10s);
    const Job job = get(attempt.job_id);
    CHECK(job.status == Status::queued);
    CHECK(job.reason == Reason::exit_code);
    CHECK(job.attempt == 1);
    CHECK(job.max_attempts == 2);
    CHECK_FALSE(job.ended_at);
    CHECK_FALSE(job.expires_at);
    CHECK_FALSE(job.error);
    CHECK_FALSE(job.result);
    CHECK_FALSE(job.lease_until);
    CHECK(
        jobs.history(attempt.job_id)
        == "submit -> queued, claim queued -> running, requeue running -> queued");
}

TEST_CASE_METHOD(FinishingCase, "the backoff doubles with each attempt") {
    AttemptKey attempt = running_with(4, 10s);
    for (const milliseconds base : {10s, 20s, 40s}) {
        check_backs_off(attempt, base);
        clock.advance(base + base / 4);
        attempt = jobs.open_attempt(attempt.job_id);
    }
    const auto finished = finish(attempt, ended_error());
    REQUIRE(finished);
    CHECK(finished->status == Status::error);
    CHECK(get(attempt.job_id).attempt == 4);
}

TEST_CASE_METHOD(FinishingCase, "with the backoff factor 1 every delay is exactly the backoff") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 4;
    spec.command->backoff = 2h;
    spec.command->backoff_factor = 1.0;
    AttemptKey attempt = jobs.running(spec);
    for (int n = 0; n < 3; ++n) {
        const auto finished = finish(attempt, ended_error());
        REQUIRE(finished);
        CHECK(finished->run_after == now() + 2h);
        clock.advance(2h);
        attempt = jobs.open_attempt(attempt.job_id);
    }
}

TEST_CASE_METHOD(FinishingCase, "the default backoff applies to jobs without their own") {
    check_backs_off(running_with(2), kDefaultBackoff);
}

TEST_CASE_METHOD(FinishingCase, "a job in backoff is not claimed early") {
    const AttemptKey attempt = running_with(2, 10s);
    const auto finished = finish(attempt, ended_error());
    CHECK(store->next_due({}) == finished->run_after);
    clock.set(*finished->run_after - 1ms);
    CHECK_FALSE(store->claim(worker()));
    clock.advance(1ms);
    const auto claim = store->claim(worker());
    REQUIRE(claim);
    CHECK(claim->attempt.attempt == 2);
    CHECK(get(attempt.job_id).started_at == *finished->run_after);
}

TEST_CASE_METHOD(FinishingCase, "a job with a cancel request gets no further attempt") {
    const AttemptKey attempt = running_with(5);
    store->request_cancel(attempt.job_id, {"alice", {}, {}});
    const auto finished = finish(attempt, ended_error());
    REQUIRE(finished);
    CHECK(finished->status == Status::error);
    CHECK(get(attempt.job_id).status == Status::error);
}

TEST_CASE_METHOD(FinishingCase, "a job that ends well despite a cancel request is done") {
    const AttemptKey attempt = jobs.running();
    store->request_cancel(attempt.job_id, {"alice", {}, {}});
    REQUIRE(finish(attempt, ended_done()));
    CHECK(get(attempt.job_id).status == Status::done);
}

TEST_CASE_METHOD(FinishingCase, "only an error leads to another attempt") {
    const AttemptKey attempt = running_with(5);
    const Outcome outcome = GENERATE(true, false) ? ended_done() : ended_cancelled();
    finish(attempt, outcome);
    CHECK(get(attempt.job_id).status == outcome.status);
}

TEST_CASE_METHOD(
    FinishingCase,
    "finishing again with the same fence returns the same answer and writes nothing") {
    const AttemptKey attempt = running_with(GENERATE(1, 2));
    const auto first = finish(attempt, ended_error());
    REQUIRE(first);
    const std::string before = text(attempt.job_id);
    const std::string history = jobs.history(attempt.job_id);
    clock.advance(1s);
    const auto second = finish(attempt, ended_done());
    REQUIRE(second);
    CHECK(second->status == first->status);
    CHECK(second->run_after == first->run_after);
    CHECK(text(attempt.job_id) == before);
    CHECK(jobs.history(attempt.job_id) == history);
}

TEST_CASE_METHOD(
    FinishingCase, "finishing without a fence is refused for a job run by a supervisor") {
    const AttemptKey attempt = jobs.running();
    AttemptKey inside{attempt.job_id};
    if (GENERATE(true, false)) inside.attempt = attempt.attempt;
    const std::string before = text(attempt.job_id);
    CHECK(error_of([&] { finish(inside, ended_done()); }) == ErrorCode::refused);
    CHECK(text(attempt.job_id) == before);
}

TEST_CASE_METHOD(
    FinishingCase, "a job started without a supervisor can be finished by its id alone") {
    const AttemptKey attempt = jobs.running(jobs.created_spec());
    const auto finished = finish(AttemptKey{attempt.job_id}, ended_done());
    REQUIRE(finished);
    CHECK(get(attempt.job_id).status == Status::done);
}

TEST_CASE_METHOD(
    FinishingCase, "finish_and_claim ends one attempt and claims the next job atomically") {
    const AttemptKey attempt = jobs.running();
    const JobId next = jobs.queued();
    const auto both = store->finish_and_claim(attempt, ended_done(), worker());
    REQUIRE(both.finished);
    CHECK(both.finished->status == Status::done);
    REQUIRE(both.claim);
    CHECK(both.claim->job.job_id == next);
    CHECK(get(attempt.job_id).status == Status::done);
    CHECK(get(next).status == Status::running);
    CHECK(get(next).lease_until == now() + kLease);
    CHECK(jobs.events(attempt.job_id).back().actor == "worker");
}

TEST_CASE_METHOD(
    FinishingCase, "finish_and_claim can claim the job that waited for the finished one") {
    const AttemptKey attempt = jobs.running();
    NewJob behind = jobs.command_spec();
    behind.after = {attempt.job_id};
    jobs.queued(behind);
    const auto both = store->finish_and_claim(attempt, ended_done(), worker());
    REQUIRE(both.claim);
    CHECK(both.claim->job.job_id == behind.job_id);
}

TEST_CASE_METHOD(FinishingCase, "finish_and_claim frees the slot of a full queue first") {
    ClaimRequest request = worker();
    request.queue_slots = {{"default", 1}};
    const AttemptKey attempt = jobs.running();
    const JobId next = jobs.queued();
    const auto both = store->finish_and_claim(attempt, ended_done(), request);
    REQUIRE(both.claim);
    CHECK(both.claim->job.job_id == next);
}

TEST_CASE_METHOD(FinishingCase, "finish_and_claim finishes the last job and claims nothing") {
    const auto both = store->finish_and_claim(jobs.running(), ended_done(), worker());
    CHECK(both.finished);
    CHECK_FALSE(both.claim);
}

TEST_CASE_METHOD(FinishingCase, "finish_and_claim claims nothing if the attempt was lost") {
    const AttemptKey attempt = jobs.running();
    const std::string before = text(attempt.job_id);
    const AttemptKey lost{attempt.job_id, *attempt.attempt, *attempt.fence + 1};
    const JobId next = jobs.queued();
    const std::string next_before = text(next);
    const auto both = store->finish_and_claim(lost, ended_done(), worker());
    CHECK_FALSE(both.finished);
    CHECK_FALSE(both.claim);
    CHECK(text(attempt.job_id) == before);
    CHECK(text(next) == next_before);
    // A separate claim gets it.
    const auto claim = store->claim(worker());
    REQUIRE(claim);
    CHECK(claim->job.job_id == next);
}

TEST_CASE_METHOD(FinishingCase, "finish_and_claim does not claim the caller's own reaped job") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    spec.command->backoff = milliseconds{0};
    const AttemptKey attempt = jobs.running(spec);
    REQUIRE(store->note_process(attempt, some_process(815)));
    REQUIRE(store->reap(attempt, ReapGround::executor_gone, "gc"));
    const auto both = store->finish_and_claim(attempt, ended_done(), worker());
    CHECK_FALSE(both.finished);
    CHECK_FALSE(both.claim);
    CHECK(get(attempt.job_id).status == Status::queued);
}

TEST_CASE_METHOD(FinishingCase, "repeating finish_and_claim claims nothing more") {
    const AttemptKey attempt = jobs.running();
    const JobId first = jobs.queued();
    const JobId second = jobs.queued();
    const auto once = store->finish_and_claim(attempt, ended_done(), worker());
    REQUIRE(once.claim);
    CHECK(once.claim->job.job_id == first);
    const auto again = store->finish_and_claim(attempt, ended_done(), worker());
    REQUIRE(again.finished);
    CHECK(again.finished->status == Status::done);
    CHECK_FALSE(again.claim);
    CHECK(get(second).status == Status::queued);
}

TEST_CASE_METHOD(FinishingCase, "a released attempt leaves no trace") {
    const JobId id = jobs.queued();
    clock.advance(1s);
    const AttemptKey attempt = jobs.open_attempt(id);
    REQUIRE(store->release(attempt, "worker"));
    const Job job = get(id);
    CHECK(job.status == Status::queued);
    CHECK(job.attempt == 0);
    CHECK(job.max_attempts == 1);
    CHECK_FALSE(job.started_at);
    CHECK_FALSE(job.lease_until);
    CHECK_FALSE(job.worker);
    CHECK(
        jobs.history(id) == "submit -> queued, claim queued -> running, release running -> queued");
}

TEST_CASE_METHOD(FinishingCase, "a released job is due immediately with all its attempts left") {
    const AttemptKey first = jobs.running();
    REQUIRE(store->release(first, "worker"));
    const auto again = store->claim(worker());
    REQUIRE(again);
    CHECK(again->attempt.attempt == 1);
    CHECK(again->attempt.fence != first.fence);
    CHECK_FALSE(finish(first, ended_done()));
    REQUIRE(finish(again->attempt, ended_done()));
}
