#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

TEST_CASE_METHOD(
    ContractCase, "an attempt that starts at once can be released until its process is noted") {
    const JobId id = jobs.queued();
    ClaimRequest request = worker();
    request.owner.starts_at_once = true;
    const auto claimed = store->claim(request);
    REQUIRE(claimed);
    REQUIRE(claimed->job.job_id == id);
    CHECK_FALSE(store->running_attempts().at(0).process);
    const AttemptKey attempt = claimed->attempt;
    REQUIRE(store->release(attempt, "worker"));
    CHECK(get(attempt.job_id).status == Status::queued);
    const AttemptKey again = jobs.open_attempt(attempt.job_id);
    REQUIRE(store->note_process(again, some_process(815)));
    CHECK_FALSE(store->release(again, "worker"));
}

TEST_CASE_METHOD(
    ContractCase, "the attempt records its process whether noted before or given to finish") {
    const auto process = [&](const AttemptKey& attempt) {
        std::optional<AttemptProcess> found;
        store->export_jobs({}, Principal{"", true}, [&](const JobRecord& record) {
            if (record.job.job_id == attempt.job_id) found = record.attempts.value().at(0).process;
            return true;
        });
        return found;
    };
    const AttemptKey attempt = jobs.running();
    REQUIRE(store->note_process(attempt, some_process()));
    Outcome outcome = ended_done();
    SECTION("given to finish") {
        outcome.process = some_process(815);
        REQUIRE(finish(attempt, outcome));
        REQUIRE(process(attempt));
        CHECK(process(attempt)->pid == 815);
    }
    SECTION("noted before") {
        REQUIRE(store->note_process(attempt, some_process(816)));
        REQUIRE(finish(attempt, outcome));
        REQUIRE(process(attempt));
        CHECK(process(attempt)->pid == 816);
    }
    SECTION("announced and never spawned") {
        REQUIRE(finish(attempt, ended_error()));
        CHECK_FALSE(process(attempt));
    }
}
