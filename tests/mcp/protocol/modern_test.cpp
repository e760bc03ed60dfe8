#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

using namespace atlasjob;
using nlohmann::json;
using test::Client;
using test::LedgerFixture;
using test::options_for;

namespace {

constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr const char* kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";

}  // namespace

TEST_CASE("server/discover returns revisions, capabilities, server info and cache lifetime") {
    Client client{options_for("/nonexistent/ledger.db")};
    const json result = client.modern_result("server/discover");
    CHECK(result.at("resultType") == "complete");
    CHECK(result.at("supportedVersions") == json::array({"2026-07-28"}));
    CHECK(
        result.at("capabilities")
        == json::parse(
            R"({"tools":{},"resources":{"subscribe":true,"listChanged":true},"prompts":{},"completions":{},)"
            R"("events":{},"extensions":{"io.modelcontextprotocol/events":{},)"
            R"("io.modelcontextprotocol/skills":{},"io.modelcontextprotocol/tasks":{}}})"));
    CHECK(result.at("ttlMs").is_number_unsigned());
    CHECK(result.at("cacheScope") == "public");
    const json server = result.at("_meta").at("io.modelcontextprotocol/serverInfo");
    CHECK(server.at("name") == "atlasjob");
    CHECK(server.at("version") == "9.8.7");
    CHECK(server.at("icons")[0].at("mimeType") == "image/svg+xml");
    CHECK_FALSE(client.modern_result("tools/list")
                    .at("_meta")
                    .at("io.modelcontextprotocol/serverInfo")
                    .contains("icons"));
}

TEST_CASE("a modern request without required metadata is refused with the missing keys") {
    Client client{options_for("/nonexistent/ledger.db")};
    const auto error_message = [&](const json& params) {
        const json error = client.error("server/discover", params);
        CHECK(error.at("code") == -32602);
        return error.at("message").get<std::string>();
    };
    using Catch::Matchers::Contains;
    CHECK_THAT(error_message(nullptr), Contains(kVersionKey) && Contains(kCapabilitiesKey));
    CHECK_THAT(
        error_message({{"_meta", {{kVersionKey, "2026-07-28"}}}}),
        Contains(kCapabilitiesKey) && !Contains(kVersionKey));
    CHECK_THAT(
        error_message({{"_meta", {{kVersionKey, 20260728}, {kCapabilitiesKey, json::object()}}}}),
        Contains(kVersionKey) && !Contains(kCapabilitiesKey));
    CHECK_THAT(
        error_message({{"_meta", {{kVersionKey, "2026-07-28"}, {kCapabilitiesKey, true}}}}),
        Contains(kCapabilitiesKey));
    CHECK_THAT(error_message({{"_meta", 5}}), Contains(kVersionKey));
}

TEST_CASE("an unsupported revision is refused with the supported ones, on every request") {
    Client client{options_for("/nonexistent/ledger.db")};
    const auto* method = GENERATE("server/discover", "tools/list", "initialize", "none/such");
    const json params = {
        {"_meta", {{kVersionKey, "1999-01-01"}, {kCapabilitiesKey, json::object()}}}};
    for (int i = 0; i < 2; ++i) {
        const json error = client.error(method, params);
        CHECK(error.at("code") == -32022);
        CHECK(
            error.at("data")
            == json::parse(R"({"supported":["2026-07-28"],"requested":"1999-01-01"})"));
        // Earlier requests make no difference.
        client.modern_result("server/discover");
    }
}

TEST_CASE("methods removed in 2026-07-28 are not found") {
    Client client{options_for("/nonexistent/ledger.db")};
    const auto* method = GENERATE(
        "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
        "tasks/list", "tasks/result", "roots/list");
    CHECK(client.modern_error(method).at("code") == -32601);
}

TEST_CASE("lists and resources state how long they may be cached and by whom") {
    LedgerFixture ledger;
    const JobId id = ledger.add_queued("alice");
    Client client{options_for(ledger.path())};
    for (const char* method : {"tools/list", "prompts/list", "resources/templates/list"}) {
        CAPTURE(method);
        const json result = client.modern_result(method);
        CHECK(result.at("resultType") == "complete");
        CHECK(result.at("ttlMs") == 3'600'000);
        CHECK(result.at("cacheScope") == "public");
    }
    const std::string uri = "atlas://job/" + id.str();
    for (const json& result :
         {client.modern_result("resources/list"),
          client.modern_result("resources/read", {{"uri", uri}})}) {
        CHECK(result.at("ttlMs") == 0);
        CHECK(result.at("cacheScope") == "private");
    }
    CHECK_FALSE(
        client.modern_result("tools/call", {{"name", "get_job_statistics"}}).contains("ttlMs"));
}

TEST_CASE("legacy and modern requests get the same result in their own envelope") {
    LedgerFixture ledger;
    ledger.add(test::golden_jobs().at("done").record);
    Client client{options_for(ledger.path())};
    const json call = {
        {"name", "get_job_status"},
        {"arguments", {{"job_id", "01a20320-a2fc-7a03-b3c2-2d3e4f506072"}}}};
    json modern = client.modern_result("tools/call", call);
    client.initialize("2025-11-25");
    const json legacy = client.result("tools/call", call);
    json again = client.modern_result("tools/call", call);
    CHECK(modern == again);
    CHECK(modern.at("content")[0].at("text") == test::golden_jobs().at("done").answer);
    CHECK(modern.at("resultType") == "complete");
    modern.erase("resultType");
    modern.erase("_meta");
    CHECK(modern == legacy);
}

TEST_CASE("an unknown resource is an error with its URI") {
    LedgerFixture ledger;
    const JobId foreign = ledger.add_queued("bob");
    Client client{options_for(ledger.path())};
    for (const std::string& uri :
         {"atlas://job/" + foreign.str(), std::string{"atlas://job/x"}, std::string{"file:///x"}}) {
        const json error = client.modern_error("resources/read", {{"uri", uri}});
        CHECK(error.at("code") == -32602);
        CHECK(error.at("data") == json{{"uri", uri}});
        client.initialize("2025-11-25");
        CHECK(client.error("resources/read", {{"uri", uri}}).at("code") == -32002);
    }
}

TEST_CASE(
    "an unknown tool and malformed params are protocol errors, bad arguments are a tool error") {
    Client client{options_for("/nonexistent/ledger.db")};
    CHECK(client.modern_error("tools/call", {{"name", "none"}}).at("code") == -32602);
    CHECK(client.modern_error("tools/call").at("code") == -32602);
    CHECK(
        client.modern_error("tools/call", {{"name", "get_job"}, {"arguments", 5}}).at("code")
        == -32602);
    const json result =
        client.modern_result("tools/call", {{"name", "get_job"}, {"arguments", {{"job_id", 5}}}});
    CHECK(result.at("isError") == true);
}

TEST_CASE("completion/complete offers the caller's job ids for job_id, and nothing else") {
    LedgerFixture ledger;
    const JobId mine = ledger.add_queued("alice");
    ledger.add_queued("bob");
    Client client{options_for(ledger.path())};
    const auto request = [&](const json& ref, const char* argument, const std::string& value) {
        return json{{"ref", ref}, {"argument", {{"name", argument}, {"value", value}}}};
    };
    const json prompt = {{"type", "ref/prompt"}, {"name", "diagnose_job"}};
    const json resource = {{"type", "ref/resource"}, {"uri", "atlas://job/{job_id}"}};
    for (const json& ref : {prompt, resource}) {
        const json result = client.modern_result(
            "completion/complete", request(ref, "job_id", mine.str().substr(0, 9)));
        CHECK(
            result.at("completion")
            == json{{"values", json::array({mine.str()})}, {"hasMore", false}});
        CHECK(client.result("completion/complete", request(ref, "job_id", "zzz"))
                  .at("completion")
                  .at("values")
                  .empty());
        CHECK(
            client.modern_error("completion/complete", request(ref, "other", "")).at("code")
            == -32602);
    }
    for (const json& ref : std::vector<json>{
             {{"type", "ref/prompt"}, {"name", "none"}},
             {{"type", "ref/resource"}, {"uri", "none://{x}"}},
             {{"type", "ref/tool"}, {"name", "get_job"}},
             json::object()})
        CHECK(
            client.modern_error("completion/complete", request(ref, "job_id", "")).at("code")
            == -32602);
}

TEST_CASE("prompts are listed and rendered, and invalid arguments are refused") {
    LedgerFixture ledger;
    const JobId id = ledger.add_queued("alice");
    Client client{options_for(ledger.path())};
    const json listed = client.modern_result("prompts/list").at("prompts");
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].at("name") == "diagnose_job");
    CHECK(listed[0].at("arguments")[0].at("required") == true);
    const auto get = [](const json& arguments) {
        return json{{"name", "diagnose_job"}, {"arguments", arguments}};
    };
    const json message =
        client.modern_result("prompts/get", get({{"job_id", id.str()}})).at("messages")[0];
    CHECK(message.at("role") == "user");
    CHECK_THAT(
        message.at("content").at("text").get<std::string>(), Catch::Matchers::Contains(id.str()));
    for (const json& wrong : std::vector<json>{
             json::object(),
             {{"job_id", 5}},
             {{"job_id", id.str()}, {"more", "x"}},
             {{"job_id", JobId::make(Time{}).str()}}})
        CHECK(client.modern_error("prompts/get", get(wrong)).at("code") == -32602);
    CHECK(client.modern_error("prompts/get", {{"name", "none"}}).at("code") == -32602);
}
