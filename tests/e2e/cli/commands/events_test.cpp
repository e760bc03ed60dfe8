#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::istringstream stream{text};
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(nlohmann::json::parse(line));
    return lines;
}

}  // namespace

TEST_CASE("events prints the transitions of a job, and events -f exits when it ends") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    Running follower = sandbox.start({"events", "1", "-f", "--json"});
    REQUIRE(follower.wait_for("\"submit\""));
    CHECK(sandbox.run({"cancel", "1"}).exit_status == 0);
    REQUIRE(follower.wait_for("\"request_cancel\""));
    CHECK(sandbox.run({"finish", "1", "--cancelled"}).exit_status == 0);
    const Ran ran = follower.wait();
    CHECK(ran.exit_status == 0);
    const auto events = json_lines(ran.out);
    REQUIRE(events.size() == 3);
    CHECK(events[0]["from"].is_null());
    CHECK(events[2]["type"] == "finish");
    CHECK(events[2]["from"] == "running");
    CHECK(events[2]["to"] == "cancelled");
    CHECK(events[2]["reason"] == "user");
    CHECK(events[2]["actor"] == "alice");
    const std::string second = std::to_string(events[1]["seq"].get<int>());
    CHECK(json_lines(sandbox.run({"events", "--since", second, "--json"}).out).size() == 1);
    CHECK_THAT(sandbox.run({"events"}).out, Contains("running -> cancelled  by alice (user)"));
    CHECK(sandbox.run({"events", "--principal", "bob"}).out.empty());
}
