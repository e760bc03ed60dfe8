#include "view/statistics.h"

#include "view/reports.h"
#include "view/sample.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

view::StatisticsPage sample_page() {
    view::StatisticsPage page;
    page.counts = {
        {"default", "sync", Status::queued, 2},
        {"default", "sync", Status::done, 3},
        {"gpu", "train", Status::done, 4}};
    page.statistics.oldest_queued_at = at("2026-11-22T11:59:00Z");
    page.statistics.ended_last_hour = 7;
    page.statistics.all = DurationsOfKind{"", 7, milliseconds{1500}, milliseconds{90'000}};
    page.statistics.by_kind = {
        {"sync", 3, milliseconds{200}, milliseconds{400}},
        {"train", 4, milliseconds{1500}, milliseconds{90'000}}};
    page.now = at("2026-11-22T12:00:00Z");
    return page;
}

}  // namespace

TEST_CASE("statistics as JSON count every status, queue and kind") {
    const json stats = json::parse(view::statistics_json(sample_page()));
    CHECK(
        stats["by_status"]
        == json{{"queued", 2}, {"running", 0}, {"done", 7}, {"error", 0}, {"cancelled", 0}});
    CHECK(stats["total"] == 9);
    CHECK(stats["by_queue"] == json{{"default", 5}, {"gpu", 4}});
    CHECK(stats["by_kind"] == json{{"sync", 5}, {"train", 4}});
    CHECK(stats["counts"].size() == 3);
    CHECK(
        stats["counts"][2]
        == json{{"queue", "gpu"}, {"kind", "train"}, {"status", "done"}, {"jobs", 4}});
    CHECK(stats["oldest_queued_at"] == "2026-11-22T11:59:00.000Z");
    CHECK(stats["throughput"]["ended_last_hour"] == 7);
    CHECK(stats["durations"]["p95_ms"] == 90'000);
    CHECK(
        stats["durations"]["by_kind"]["sync"]
        == json{{"jobs", 3}, {"p50_ms", 200}, {"p95_ms", 400}});
}

TEST_CASE("statistics of an empty ledger have every key") {
    const json stats = json::parse(view::statistics_json({}));
    CHECK(stats["total"] == 0);
    CHECK(stats["by_status"].size() == kStatuses.size());
    CHECK(stats["by_queue"] == json::object());
    CHECK(stats["oldest_queued_at"].is_null());
    CHECK(stats["durations"].is_null());
    CHECK(view::statistics_text({}, {}) == "no jobs\n");
}

TEST_CASE("statistics as text have totals, tables by queue, kind and duration, and throughput") {
    const ZoneGuard utc{"UTC"};
    CHECK(
        view::statistics_text(sample_page(), {})
        == "2 queued  0 running  7 done  0 error  0 cancelled\n"
           "\n"
           "QUEUE    queued  running  done  error  cancelled  total\n"
           "default       2        0     3      0          0      5\n"
           "gpu           0        0     4      0          0      4\n"
           "\n"
           "KIND   queued  running  done  error  cancelled  total\n"
           "sync        2        0     3      0          0      5\n"
           "train       0        0     4      0          0      4\n"
           "\n"
           "DURATION  jobs  median     95%\n"
           "sync         3   200ms   400ms\n"
           "train        4      1s  1m 30s\n"
           "all          7      1s  1m 30s\n"
           "\n"
           "  throughput     7 ended in the last hour\n"
           "  oldest queued  due 1m ago (11:59:00)\n");
}

TEST_CASE("an event as text is one line with job, transition, actor and reason") {
    const ZoneGuard utc{"UTC"};
    Event event;
    event.seq = 7;
    event.job_id = "01a20320-a2fb-7a02-b2c2-1d3e4f506071";
    event.at = at("2026-11-22T12:00:50Z");
    event.type = "finish";
    event.from = Status::running;
    event.to = Status::error;
    event.actor = "alice\x1b[31m";
    event.reason = Reason::exit_code;
    const std::string text = view::event_text(event, at("2026-11-22T12:01:00Z"), {});
    CHECK_THAT(
        text, Contains("7  12:00:50") && Contains(event.job_id) && Contains("running -> error"));
    CHECK_THAT(text, Contains("(exit_code)"));
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.back() == '\n');
}
