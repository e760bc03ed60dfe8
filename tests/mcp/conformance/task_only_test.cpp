#include "client.h"
#include "ledger_fixture.h"

#include <algorithm>

using namespace atlasjob;
using nlohmann::json;
using test::Client;

namespace {

/// A session that serves the fixtures, of which failing_job is for clients with tasks only.
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

TEST_CASE("A tool whose only answer is a task says so, and refuses legacy clients that want none") {
    Scene scene;
    scene.client.initialize("2025-11-25");
    const json listed = scene.client.result("tools/list");
    const auto tool = std::ranges::find_if(
        listed.at("tools"), [](const json& one) { return one.at("name") == "failing_job"; });
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

TEST_CASE("A tool whose only answer is a task refuses modern clients that know none") {
    Scene scene;
    const json error = scene.client.modern_error("tools/call", kCall);
    CHECK(error.at("code") == -32021);
    CHECK(
        error.at("data").at("requiredCapabilities")
        == json::parse(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"));
    CHECK(scene.client.modern_result("tools/call", kCall, true).at("resultType") == "task");
}
