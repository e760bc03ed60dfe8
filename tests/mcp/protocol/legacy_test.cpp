#include "base/error.h"
#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using nlohmann::json;
using test::Client;
using test::LedgerFixture;
using test::options_for;

namespace {

json hello(const json& revision) {
    return {
        {"protocolVersion", revision},
        {"capabilities", {{"extensions", {{"io.modelcontextprotocol/tasks", json::object()}}}}},
        {"clientInfo", {{"name", "t"}, {"version", "1"}}}};
}

}  // namespace

TEST_CASE("initialize accepts a supported revision and offers the newest legacy one otherwise") {
    Client client{options_for("/nonexistent/ledger.db")};
    for (const auto* revision : {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}) {
        CHECK(client.result("initialize", hello(revision)).at("protocolVersion") == revision);
    }
    for (const auto* revision : {"1999-01-01", "2024-10-07", "2026-07-28", "", "latest"}) {
        CHECK(client.result("initialize", hello(revision)).at("protocolVersion") == "2025-11-25");
    }
}

TEST_CASE("initialize returns the server's name, capabilities and instructions") {
    Client client{options_for("/nonexistent/ledger.db")};
    const json result = client.result("initialize", hello("2025-11-25"));
    CHECK(
        result.at("capabilities")
        == json::parse(
            R"({"tools":{},"resources":{"subscribe":true},"prompts":{},"completions":{},"events":{},)"
            R"("extensions":{"io.modelcontextprotocol/events":{},"io.modelcontextprotocol/skills":{}},)"
            R"("tasks":{"cancel":{},"requests":{"tools":{"call":{}}}}})"));
    CHECK(result.at("serverInfo").at("name") == "atlasjob");
    CHECK(result.at("serverInfo").at("version") == "9.8.7");
    CHECK_THAT(
        result.at("instructions").get<std::string>(), Catch::Matchers::Contains("get_job_status"));
    CHECK(result.size() == 4);
}

TEST_CASE("initialize without a valid protocolVersion is invalid") {
    Client client{options_for("/nonexistent/ledger.db")};
    CHECK(client.error("initialize").at("code") == -32602);
    CHECK(client.error("initialize", hello(20251125)).at("code") == -32602);
    CHECK(client.error("initialize", hello(nullptr)).at("code") == -32602);
}

TEST_CASE("ping is answered before and after initialize, notifications never") {
    Client client{options_for("/nonexistent/ledger.db")};
    CHECK(client.result("ping") == json::object());
    client.initialize("2025-06-18");
    CHECK(client.send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").empty());
    CHECK(
        client
            .send(
                R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})")
            .empty());
    CHECK(client.result("ping") == json::object());
}

TEST_CASE("unknown and modern methods are not found in the legacy protocol") {
    Client client{options_for("/nonexistent/ledger.db")};
    const auto* method = GENERATE(
        "subscriptions/listen", "logging/setLevel", "tasks/list", "tasks/update", "tools",
        "notifications/initialized");
    const json error = client.error(method);
    CHECK(error.at("code") == -32601);
    CHECK(error.at("message") == std::string{"method not found: "} + method);
}

TEST_CASE("tools/list has only the members that the revision defines") {
    Client client{options_for("/nonexistent/ledger.db")};
    const auto listed = [&](const char* revision) {
        client.initialize(revision);
        const json tools = client.result("tools/list").at("tools");
        REQUIRE_FALSE(tools.empty());
        return tools[0];
    };
    const json newest = listed("2025-11-25");
    CHECK(newest.at("name") == "get_job_status");
    CHECK(newest.at("inputSchema").at("required") == json::array({"job_id"}));
    CHECK(newest.at("outputSchema").at("type") == "object");
    CHECK(
        newest.at("annotations")
        == json::parse(
            R"({"title":"Get job status","readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false})"));
    CHECK(newest.contains("title"));
    CHECK(listed("2025-06-18") == newest);
    json spring = newest;
    spring.erase("title");
    spring.erase("outputSchema");
    CHECK(listed("2025-03-26") == spring);
    spring.erase("annotations");
    CHECK(listed("2024-11-05") == spring);
}

TEST_CASE("tools/list with every permission is under 20 KiB in every protocol version") {
    auto options = options_for("/nonexistent/ledger.db");
    options.allowed = {true, true, true};
    Client client{options};
    for (const auto* revision : {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}) {
        client.initialize(revision);
        const json listed = client.result("tools/list");
        CHECK(listed.at("tools").size() == 9);
        CHECK(listed.dump().size() < 18'000);
    }
    CHECK(client.modern_result("tools/list").dump().size() < 18'000);
}

TEST_CASE("structured content is sent only to revisions that define it") {
    LedgerFixture ledger;
    ledger.add(test::golden_jobs().at("queued").record);
    Client client{options_for(ledger.path())};
    const json arguments = {{"job_id", "01a20320-a2fa-7a01-b1c2-0d3e4f506070"}};
    for (const auto* revision : {"2025-11-25", "2025-06-18"}) {
        client.initialize(revision);
        CHECK(client.call_status(arguments).contains("structuredContent"));
    }
    for (const auto* revision : {"2025-03-26", "2024-11-05"}) {
        client.initialize(revision);
        const json result = client.call_status(arguments);
        CHECK_FALSE(result.contains("structuredContent"));
        CHECK(result.at("content")[0].at("text") == test::golden_jobs().at("queued").answer);
    }
}

TEST_CASE("tools/call with an unknown or missing tool name is invalid") {
    Client client{options_for("/nonexistent/ledger.db")};
    const json unknown = client.error("tools/call", {{"name", "get_jobs"}});
    CHECK(unknown.at("code") == -32602);
    CHECK_THAT(
        unknown.at("message").get<std::string>(),
        Catch::Matchers::Contains("get_jobs\"") && Catch::Matchers::Contains("get_job_status"));
    CHECK(client.error("tools/call").at("code") == -32602);
    CHECK(client.error("tools/call", {{"name", 5}}).at("code") == -32602);
    const json arguments = GENERATE(json("x"), json::array({"x"}), json(5), json(nullptr));
    CHECK(
        client.error("tools/call", {{"name", "get_job_status"}, {"arguments", arguments}})
            .at("code")
        == -32602);
}

TEST_CASE("tools/call without arguments names the missing one") {
    Client client{options_for("/nonexistent/ledger.db")};
    const json result = client.result("tools/call", {{"name", "get_job_status"}});
    CHECK(result.at("isError") == true);
    CHECK_THAT(
        result.at("content")[0].at("text").get<std::string>(),
        Catch::Matchers::Contains("job_id is missing"));
}

TEST_CASE("lists have one page, and only an empty cursor is accepted") {
    Client client{options_for("/nonexistent/ledger.db")};
    const auto* method = GENERATE("tools/list", "resources/list", "resources/templates/list");
    CAPTURE(method);
    CHECK_FALSE(client.result(method, {{"cursor", ""}}).contains("nextCursor"));
    CHECK(client.error(method, {{"cursor", "garbage"}}).at("code") == -32602);
    CHECK(client.error(method, {{"cursor", 5}}).at("code") == -32602);
}

TEST_CASE("request metadata is ignored in the legacy protocol") {
    LedgerFixture ledger;
    ledger.add(test::golden_jobs().at("done").record);
    Client client{options_for(ledger.path())};
    const json result = client.result(
        "tools/call", {{"name", "get_job_status"},
                       {"arguments", {{"job_id", "01a20320-a2fc-7a03-b3c2-2d3e4f506072"}}},
                       {"_meta", {{"progressToken", 0}}}});
    CHECK(result.at("content")[0].at("text") == test::golden_jobs().at("done").answer);
}

TEST_CASE("an invalid ledger path or contract is refused before the session starts") {
    auto options = options_for("/nonexistent/ledger.db");
    options.contract = "none";
    CHECK_THROWS_AS(Client{options}, Error);
    CHECK_THROWS_AS(Client{options_for("")}, Error);
    CHECK_THROWS_AS(Client{options_for("file:x.db")}, Error);
}
