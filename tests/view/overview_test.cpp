#include "view/overview.h"

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

TEST_CASE("Totals sum up over queues and kinds, and no status is left out") {
    CHECK(
        view::totals_json(sample_overview().totals)
        == R"({"queued":0,"running":1,"done":0,"error":5,"cancelled":0,"total":6})");
}

TEST_CASE("The overview as JSON has the totals and whole jobs") {
    const auto json = nlohmann::json::parse(view::overview_json(sample_overview(), kNow));
    CHECK(json["totals"]["error"] == 5);
    CHECK(json["active"].size() == 1);
    CHECK(json["active"][0]["seq"] == 42);
    CHECK(json["recent"][0]["error"] == "command exited with 3");
    CHECK(json["recent"][0].size() == 39);
}

TEST_CASE("The overview as text") {
    CHECK(
        view::overview_text(sample_overview(), kNow, {})
        == "0 queued  1 running  0 done  5 error  0 cancelled\n"
           "\n"
           "Active\n"
           "JOB  STATUS   DONE  KIND   SINCE  WHAT             NOTE\n"
           " 42  running   42%  sync  1m 12s  ./sync.sh C0ENG  embedding  300/711\n"
           "\n"
           "Recent\n"
           "JOB  STATUS  DONE  KIND  SINCE  WHAT             NOTE\n"
           " 42  error    42%  sync    23s  ./sync.sh C0ENG  command exited with 3\n");
}

TEST_CASE("A list of no jobs says so") {
    CHECK(view::jobs_text({}, kNow, {}) == "no jobs\n");
}
