#include "runner/worker/worker_case.h"

namespace atlasjob {

namespace {

using test::WorkerCase;

/// Claimed, not spawned, handed back, claimed again and run.
const std::vector<std::string> kHandedBack{
    "submit -> queued", "claim queued -> running", "release running -> queued",
    "claim queued -> running", "finish running -> done"};

TEST_CASE("a slot releases a claim whose reply was lost and then runs the job") {
    WorkerCase w;
    const auto worker = w.start_worker({"--fault", "forgotten-claim", "--heartbeat", "20"});
    const JobId id = w.submit("echo run >> $DIR/runs");
    const Job job = w.await_end(id);
    CHECK(job.status == Status::done);
    CHECK(job.attempt == 1);
    CHECK(w.file("runs") == "run\n");
    CHECK(w.history(id) == kHandedBack);
}

TEST_CASE("a claim whose lease expired before the spawn is released and claimed again") {
    WorkerCase w;
    NewJob spec = w.script("echo run >> $DIR/runs");
    const JobId id = w.store().submit(spec, w.now() - std::chrono::minutes{11}).job_id;
    const auto worker = w.start_worker({"--fault", "old-claim"});
    const Job job = w.await_end(id);
    CHECK(job.status == Status::done);
    CHECK(job.attempt == 1);
    CHECK(w.file("runs") == "run\n");
    CHECK(w.history(id) == kHandedBack);
}

TEST_CASE("an exiting slot releases the job claimed by its last finish") {
    // Told to leave while it may have claimed; while releases fail; ended by a broken ledger.
    const std::string fault = GENERATE("unclear-finish", "stubborn-release", "broken-finish");
    CAPTURE(fault);
    WorkerCase w;
    const JobId first = w.submit("true");
    const JobId second = w.submit("echo run >> $DIR/runs");
    const auto worker = w.start_worker({"--fault", fault});
    const Job job = w.await_end(second);
    CHECK(job.status == Status::done);
    CHECK(job.attempt == 1);
    CHECK(w.file("runs") == "run\n");
    CHECK(w.history(second) == kHandedBack);
    CHECK(w.job(first).status == Status::done);
}

}  // namespace

}  // namespace atlasjob
