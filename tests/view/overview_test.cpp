#include "view/overview.h"

#include "base/text.h"
#include "ledger/job_fields.h"
#include "view/sample.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

const Time kNow = at("2026-11-22T12:01:13Z");

view::Overview sample_overview() {
    const std::vector<Count> counts = {
        {"default", "sync", Status::running, 1},
        {"default", "sync", Status::error, 2},
        {"other", "wiki", Status::error, 3}};
    return {view::Totals{counts}, {running_job()}, {failed_job()}};
}

}  // namespace

TEST_CASE("totals add up queues and kinds and include every status") {
    CHECK(
        view::totals_json(sample_overview().totals)
        == R"({"queued":0,"running":1,"done":0,"error":5,"cancelled":0,"total":6})");
}

TEST_CASE("the overview as JSON has the totals and complete jobs") {
    const auto json = nlohmann::json::parse(view::overview_json(sample_overview(), kNow));
    CHECK(json["totals"]["error"] == 5);
    CHECK(json["active"].size() == 1);
    CHECK(json["active"][0]["seq"] == 42);
    CHECK(json["recent"][0]["error"] == "command exited with 3");
    CHECK(json["recent"][0].size() == kShownFields);
}

TEST_CASE("the overview as text has totals and tables of active and recent jobs") {
    CHECK(
        view::overview_text(sample_overview(), kNow, {})
        == "0 queued  1 running  0 done  5 error  0 cancelled\n"
           "\n"
           "Active\n"
           "JOB  STATUS    SINCE  PROGRESS                 WHAT             NOTE\n"
           " 42  running  1m 12s  [######----------]  42%  ./sync.sh C0ENG  embedding  300/711  "
           "7.2/s, about 26s left\n"
           "\n"
           "Recent\n"
           "JOB  STATUS  DONE  KIND  SINCE  WHAT             NOTE\n"
           " 42  error    42%  sync    23s  ./sync.sh C0ENG  command exited with 3\n");
}

TEST_CASE("an empty list prints no jobs") {
    CHECK(view::jobs_text({}, kNow, {}) == "no jobs\n");
}

TEST_CASE("the overview fits into any terminal width") {
    view::Overview overview = sample_overview();
    overview.active[0].name = "日本語の名前 with a combining e\xcc\x81 and a long tail";
    for (const std::size_t width : {20U, 40U, 60U, 80U, 120U}) {
        const std::string text = view::overview_text(overview, kNow, {false, width});
        for (const std::string_view line : split(text, '\n'))
            CHECK(view::display_width(line) <= width);
    }
    CHECK(
        view::overview_text(overview, kNow, {false, 80})
        == "0 queued  1 running  0 done  5 error  0 cancelled\n"
           "\n"
           "Active\n"
           "JOB  STATUS    SINCE  PROGRESS                 WHAT             NOTE\n"
           " 42  running  1m 12s  [######----------]  42%  日本語の名前 w…  embedding  300/…\n"
           "\n"
           "Recent\n"
           "JOB  STATUS  DONE  KIND  SINCE  WHAT             NOTE\n"
           " 42  error    42%  sync    23s  ./sync.sh C0ENG  command exited with 3\n");
}

TEST_CASE("the overview in colour paints totals, headings and statuses") {
    view::Overview overview = sample_overview();
    overview.recent.clear();
    CHECK(
        view::overview_text(overview, kNow, {true, 0})
        == "\x1b[2m0 queued\x1b[0m  \x1b[36m1 running\x1b[0m  \x1b[2m0 done\x1b[0m  "
           "\x1b[31m5 error\x1b[0m  \x1b[2m0 cancelled\x1b[0m\n"
           "\n"
           "\x1b[1mActive\x1b[0m\n"
           "\x1b[2mJOB\x1b[0m  \x1b[2mSTATUS\x1b[0m    \x1b[2mSINCE\x1b[0m  "
           "\x1b[2mPROGRESS\x1b[0m                 \x1b[2mWHAT\x1b[0m             "
           "\x1b[2mNOTE\x1b[0m\n"
           " \x1b[1m42\x1b[0m  \x1b[36mrunning\x1b[0m  1m 12s  "
           "\x1b[36m[######----------]  42%\x1b[0m  ./sync.sh C0ENG  "
           "\x1b[2membedding  300/711  7.2/s, about 26s left\x1b[0m\n");
}
