#include "view/reports.h"

#include <catch2/catch.hpp>

using namespace atlasjob;

namespace {

GcReport sample_report() {
    GcReport report;
    report.reaped = 2;
    report.requeued = 1;
    report.pruned = 1;
    report.logs_removed = 3;
    return report;
}

}  // namespace

TEST_CASE("a gc report as JSON begins with the documented counts") {
    CHECK(
        view::gc_json(sample_report())
        == R"({"reaped":2,"requeued":1,"pruned":1,"logs_removed":3,"dry_run":false,)"
           R"("suspects":0,"tombstones_dropped":0,"workers_removed":0,"complete":true,)"
           R"("worker_started":false,"worker_error":null,"silent_workers":0,"unserved":0})");
}

TEST_CASE("a gc report as text lists what was or would be done and omits zero counts") {
    GcReport report = sample_report();
    CHECK(
        view::gc_text(report)
        == "done: 2 lost attempts reaped, 1 job queued again, 1 expired job deleted, "
           "3 log files removed\n");
    report.workers_removed = 1;
    CHECK_THAT(view::gc_text(report), Catch::EndsWith(", 1 dead worker removed\n"));
    report.complete = false;
    CHECK_THAT(view::gc_text(report), Catch::EndsWith("the next run continues\n"));
    report = {};
    report.dry_run = true;
    CHECK(view::gc_text(report) == "nothing to do\n");
}

TEST_CASE("a gc report as text names hanging workers and jobs without a worker") {
    GcReport report;
    report.unserved = 1;
    CHECK(view::gc_text(report) == "1 queued job has no worker\n");
    report.unserved = 2;
    Worker worker;
    worker.is.process.pid = 4711;
    report.silent_workers.push_back(worker);
    CHECK(
        view::gc_text(report)
        == "the worker with pid 4711 gives no sign of life (see atlasjob doctor); "
           "2 queued jobs have no worker\n");
    CHECK_FALSE(report.did_nothing());
    report = {};
    report.worker_started = true;
    CHECK(view::gc_text(report) == "done: 1 worker started\n");
    CHECK_FALSE(report.did_nothing());
}
