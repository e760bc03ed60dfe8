#include "runner/worker_case.h"

#include <csignal>

namespace atlasjob {

namespace {

using test::WorkerCase;

TEST_CASE("A worker runs all that is queued, by priority and then by age") {
    WorkerCase w;
    const auto append = [&](const std::string& word, int priority) {
        NewJob job = w.script("echo " + word + " >> $DIR/order");
        job.priority = priority;
        return w.submit(job);
    };
    append("older", 0);
    append("urgent", 5);
    append("younger", 0);
    const JobId last = append("unimportant", -1);
    const auto worker = w.start_worker();
    CHECK(w.await_end(last).status == Status::done);
    CHECK(w.file("order") == "urgent\nolder\nyounger\nunimportant\n");
}

TEST_CASE("A sleeping slot hears of a new job") {
    WorkerCase w;
    const auto worker = w.start_worker();
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    const Job job = w.await_end(w.submit("exit 3"));
    CHECK(job.status == Status::error);
    CHECK(job.exit_code == 3);
    CHECK(
        w.history(job.job_id)
        == std::vector<std::string>{
            "submit -> queued", "claim queued -> running", "finish running -> error"});
}

}  // namespace

}  // namespace atlasjob
