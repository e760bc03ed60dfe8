#include "client.h"
#include "ledger_fixture.h"

#include <algorithm>

using namespace atlasjob;
using nlohmann::json;
using test::Client;

namespace {

/// A session that serves the fixtures; failing_job can only be called as a task.
struct Scene {
    test::LedgerFixture ledger;
    Client client{options()};

    mcp::ServerOptions options() const {
        auto options = test::options_for(ledger.path());
        options.allowed = {.submit = true};
        return options;
    }
};

const json kCall = {{"name", "failing_job"}, {"arguments", json::object()}};

}  // namespace

TEST_CASE("a task-only tool is listed as such and refuses a legacy call without task") {
    Scene scene;
    scene.client.initialize("2025-11-25");
    const json listed = scene.client.result("tools/list");
    const auto tool = std::ranges::find_if(
        listed.at("tools"), [](const json& each) { return each.at("name") == "failing_job"; });
    REQUIRE(tool != listed.at("tools").end());
    CHECK(tool->at("execution") == json{{"taskSupport", "required"}});
    const json error = scene.client.error("tools/call", kCall);
    CHECK(error.at("code") == -32601);
    CHECK(error.at("message") == "tool failing_job can only be called as a task: pass \"task\"");
    json as_task = kCall;
    as_task["task"] = json::object();
    scene.client.post("1", "tools/call", as_task);
    CHECK(scene.client.take().at("result").at("task").at("status") == "working");
}

TEST_CASE("a task-only tool refuses modern clients without the tasks extension") {
    Scene scene;
    const json error = scene.client.modern_error("tools/call", kCall);
    CHECK(error.at("code") == -32021);
    CHECK(
        error.at("data").at("requiredCapabilities")
        == json::parse(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"));
    CHECK(scene.client.modern_result("tools/call", kCall, true).at("resultType") == "task");
}
