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
           R"("suspects":0,"tombstones_dropped":0,"workers_removed":0,"complete":true})");
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
