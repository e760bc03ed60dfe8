#include "runner/worker/worker_case.h"

namespace atlasjob {

namespace {

const std::string kRun = "echo run >> $DIR/runs";

struct ClaimsCase : test::WorkerCase {
    /// Waits for the job `kRun` and checks that its first claim was released and the second one
    /// ran.
    void check_released_and_run(const JobId& id) {
        const Job ended = await_end(id);
        CHECK(ended.status == Status::done);
        CHECK(ended.attempt == 1);
        CHECK(file("runs") == "run\n");
        CHECK(
            history(id)
            == std::vector<std::string>{
                "submit -> queued", "claim queued -> running", "release running -> queued",
                "claim queued -> running", "finish running -> done"});
    }
};

TEST_CASE_METHOD(ClaimsCase, "a slot releases a claim whose reply was lost and then runs the job") {
    const auto worker = start_worker({"--fault", "lost-claim", "--heartbeat", "20"});
    check_released_and_run(submit(kRun));
}

TEST_CASE_METHOD(
    ClaimsCase, "a claim whose lease expired before the spawn is released and claimed again") {
    const JobId id = store().submit(script(kRun)).job_id;
    const auto worker = start_worker({"--fault", "old-claim"});
    check_released_and_run(id);
}

TEST_CASE_METHOD(ClaimsCase, "an exiting slot releases the job claimed by its last finish") {
    const std::string fault = GENERATE("unknown-finish", "failing-release", "broken-finish");
    CAPTURE(fault);
    const JobId first = submit("true");
    const JobId second = submit(kRun);
    const auto worker = start_worker({"--fault", fault});
    check_released_and_run(second);
    CHECK(job(first).status == Status::done);
}

}  // namespace

}  // namespace atlasjob
