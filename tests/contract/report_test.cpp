#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct ReportCase : ContractCase {
    /// The job as text without the fields that a heartbeat may change.
    std::string text_without_lease(const JobId& id) {
        Job job = get(id);
        job.lease_until.reset();
        job.suspect_at.reset();
        job.log_bytes = 0;
        return job_text(job);
    }
    /// Keys that do not match the open attempt.
    std::vector<AttemptKey> stale(const AttemptKey& open) const {
        const JobId id = open.job_id;
        return {
            {id, *open.attempt, *open.fence + 1},
            {id, *open.attempt + 1, *open.fence},
            {id, *open.attempt - 1, *open.fence},
            {JobId::make(now()), *open.attempt, *open.fence}};
    }
};

Report whole_report() {
    Report report;
    report.progress = 0.42;
    report.phase = "embedding";
    report.message = "300/711";
    report.current = 300;
    report.total = 711;
    return report;
}

}  // namespace

TEST_CASE_METHOD(ReportCase, "a heartbeat renews the lease and changes nothing else") {
    const AttemptKey attempt = jobs.running();
    const std::string before = text_without_lease(attempt.job_id);
    const std::string history = jobs.history(attempt.job_id);
    clock.advance(10s);
    REQUIRE(store->heartbeat(attempt, 0));
    CHECK(get(attempt.job_id).lease_until == now() + kLease);
    CHECK(text_without_lease(attempt.job_id) == before);
    CHECK(jobs.history(attempt.job_id) == history);
}

TEST_CASE_METHOD(ReportCase, "a heartbeat records the log size") {
    const AttemptKey attempt = jobs.running();
    REQUIRE(store->heartbeat(attempt, 10'240));
    CHECK(get(attempt.job_id).log_bytes == 10'240);
    // Rotation can shrink a log.
    REQUIRE(store->heartbeat(attempt, 4'096));
    CHECK(get(attempt.job_id).log_bytes == 4'096);
}

TEST_CASE_METHOD(ReportCase, "a heartbeat clears a suspicion") {
    const AttemptKey attempt = jobs.running();
    clock.advance(kLease);
    REQUIRE(store->mark_suspect(attempt));
    REQUIRE(get(attempt.job_id).suspect_at == now());
    REQUIRE(store->heartbeat(attempt, 0));
    CHECK_FALSE(get(attempt.job_id).suspect_at);
}

TEST_CASE_METHOD(ReportCase, "a heartbeat adds no lease to an attempt without one") {
    const AttemptKey attempt = jobs.running(jobs.created_spec());
    REQUIRE(store->heartbeat(attempt, 0));
    CHECK_FALSE(get(attempt.job_id).lease_until);
}

TEST_CASE_METHOD(ReportCase, "a heartbeat returns a requested cancel with its grace") {
    const AttemptKey attempt = jobs.running();
    const auto calm = store->heartbeat(attempt, 0);
    REQUIRE(calm);
    CHECK_FALSE(calm->cancel_requested_at);
    CHECK_FALSE(calm->cancel_grace);

    clock.advance(1s);
    const Time requested_at = now();
    store->request_cancel(attempt.job_id, {"alice", {}, 3s});
    clock.advance(1s);
    for (const auto& beat :
         {store->heartbeat(attempt, 0), store->report(attempt, whole_report())}) {
        REQUIRE(beat);
        CHECK(beat->cancel_requested_at == requested_at);
        CHECK(beat->cancel_grace == 3s);
    }
}

TEST_CASE_METHOD(ReportCase, "a report updates the job's progress fields") {
    const AttemptKey attempt = jobs.running();
    const std::int64_t rev = get(attempt.job_id).rev;
    clock.advance(1s);
    REQUIRE(store->report(attempt, whole_report()));
    const Job job = get(attempt.job_id);
    CHECK(job.progress == 0.42);
    CHECK(job.phase == "embedding");
    CHECK(job.message == "300/711");
    CHECK(job.current == 300);
    CHECK(job.total == 711);
    CHECK(job.updated_at == now());
    CHECK(job.rev == rev + 1);
    CHECK(job.lease_until == now() + kLease);
    CHECK(jobs.history(attempt.job_id) == "submit -> queued, claim queued -> running");
}

TEST_CASE_METHOD(ReportCase, "a report leaves omitted fields unchanged") {
    const AttemptKey attempt = jobs.running();
    store->report(attempt, whole_report());
    Report only_message;
    only_message.message = "still at it";
    store->report(attempt, only_message);
    const Job job = get(attempt.job_id);
    CHECK(job.message == "still at it");
    CHECK(job.progress == 0.42);
    CHECK(job.phase == "embedding");
    CHECK(job.current == 300);
    CHECK(job.total == 711);
}

TEST_CASE_METHOD(ReportCase, "progress may decrease and reach both bounds") {
    const AttemptKey attempt = jobs.running();
    for (const double progress : {0.0, 1.0, 0.25}) {
        Report report;
        report.progress = progress;
        REQUIRE(store->report(attempt, report));
        CHECK(get(attempt.job_id).progress == progress);
    }
}

TEST_CASE_METHOD(ReportCase, "a report outside the limits is rejected and writes nothing") {
    const AttemptKey attempt = jobs.running();
    const std::string before = text(attempt.job_id);
    Report report = whole_report();
    SECTION("progress") {
        report.progress = 1.5;
    }
    SECTION("current") {
        report.current = -1;
    }
    SECTION("message") {
        report.message = "\xFF";
    }
    CHECK(error_of([&] { store->report(attempt, report); }) == ErrorCode::invalid_argument);
    CHECK(text(attempt.job_id) == before);
}

TEST_CASE_METHOD(ReportCase, "a reported result is hidden until the job ends") {
    const AttemptKey attempt = jobs.running();
    Report report;
    report.result = R"({"files":3})";
    REQUIRE(store->report(attempt, report));
    CHECK_FALSE(get(attempt.job_id).result);
}

TEST_CASE_METHOD(ReportCase, "a report clears a suspicion") {
    const AttemptKey attempt = jobs.running();
    clock.advance(kLease);
    REQUIRE(store->mark_suspect(attempt));
    REQUIRE(store->report(attempt, whole_report()));
    CHECK_FALSE(get(attempt.job_id).suspect_at);
}

TEST_CASE_METHOD(ReportCase, "the noted process of an attempt is listed in running_attempts") {
    const AttemptKey attempt = jobs.running();
    CHECK_FALSE(store->running_attempts().at(0).process);
    REQUIRE(store->note_process(attempt, some_process(815)));
    const auto running = store->running_attempts();
    REQUIRE(running.size() == 1);
    REQUIRE(running[0].process);
    CHECK(*running[0].process == some_process(815));
    CHECK(get(attempt.job_id).status == Status::running);
    CHECK(jobs.history(attempt.job_id) == "submit -> queued, claim queued -> running");
}

TEST_CASE_METHOD(
    ReportCase, "calls with a stale key return that the attempt is lost and write nothing") {
    const AttemptKey attempt = jobs.running();
    clock.advance(kLease);
    const std::string before = text(attempt.job_id);
    for (const AttemptKey& key : stale(attempt)) {
        CAPTURE(key.job_id.str(), *key.attempt, *key.fence);
        CHECK_FALSE(store->heartbeat(key, 7));
        CHECK_FALSE(store->report(key, whole_report()));
        CHECK_FALSE(store->note_process(key, some_process(1)));
        CHECK_FALSE(store->finish(key, ended_done(), "supervisor"));
        CHECK_FALSE(store->release(key, "supervisor"));
        CHECK_FALSE(store->mark_suspect(key));
        CHECK_FALSE(store->reap(key, ReapGround::executor_gone, "gc"));
        CHECK(text(attempt.job_id) == before);
    }
    CHECK(jobs.history(attempt.job_id) == "submit -> queued, claim queued -> running");
}

TEST_CASE_METHOD(ReportCase, "an earlier attempt stays lost") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    const AttemptKey first = jobs.running(spec);
    REQUIRE(store->reap(first, ReapGround::executor_gone, "gc"));
    clock.advance(2 * kMaxBackoff);
    const AttemptKey second = jobs.open_attempt(spec.job_id);
    const std::string before = text(spec.job_id);

    CHECK_FALSE(store->heartbeat(first, 7));
    CHECK_FALSE(store->report(first, whole_report()));
    CHECK_FALSE(finish(first, ended_done()));
    CHECK(text(spec.job_id) == before);
    REQUIRE(finish(second, ended_done()));
}

TEST_CASE_METHOD(ReportCase, "a program that knows its attempt but not the fence may report") {
    const AttemptKey attempt = jobs.running();
    AttemptKey known_inside{attempt.job_id};
    known_inside.attempt = attempt.attempt;
    CHECK(store->report(known_inside, whole_report()));
    CHECK(get(attempt.job_id).progress == 0.42);
    known_inside.attempt = *attempt.attempt + 1;
    CHECK_FALSE(store->report(known_inside, whole_report()));
}

TEST_CASE_METHOD(ReportCase, "an executor that knows only the job may report on a started one") {
    NewJob spec = jobs.created_spec();
    spec.lease = 60s;
    const AttemptKey attempt = jobs.running(spec);
    clock.advance(30s);
    CHECK(store->report(AttemptKey{attempt.job_id}, whole_report()));
    CHECK(get(attempt.job_id).lease_until == now() + 60s);
}

TEST_CASE_METHOD(ReportCase, "reporting on a job that is not running fails") {
    const Status status = GENERATE(Status::queued, Status::done, Status::error, Status::cancelled);
    const JobId id = jobs.in(status).job_id;
    const std::string before = text(id);
    CHECK_FALSE(store->report(AttemptKey{id}, whole_report()));
    CHECK_FALSE(store->heartbeat(AttemptKey{id}, 7));
    CHECK(text(id) == before);
}
