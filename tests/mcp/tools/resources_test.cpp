#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using nlohmann::json;
using test::Client;
using test::LedgerFixture;
using test::options_for;

TEST_CASE("resources/list has the caller's fifty newest jobs, newest first") {
    LedgerFixture ledger;
    std::vector<std::string> uris;
    for (int i = 0; i < 55; ++i) {
        uris.push_back("atlas://job/" + ledger.add_queued("alice").str());
        ledger.add_queued("bob");
    }
    auto options = options_for(ledger.path());
    options.principal->admin = GENERATE(false, true);
    Client client{options};
    const json resources = client.result("resources/list").at("resources");
    REQUIRE(resources.size() == 51);
    CHECK(resources[0].at("uri") == "atlas://jobs/statistics");
    for (std::size_t i = 1; i < resources.size(); ++i) {
        CHECK(resources[i].at("uri") == uris[uris.size() - i]);
        CHECK_FALSE(resources[i].at("name").get<std::string>().empty());
        CHECK(resources[i].at("mimeType") == "application/json");
    }
}

TEST_CASE("every listed job resource can be read") {
    LedgerFixture ledger;
    for (const auto& [state, job] : test::golden_jobs())
        ledger.add(job.record);
    Client client{options_for(ledger.path())};
    const json resources = client.result("resources/list").at("resources");
    REQUIRE(resources.size() == 6);
    for (const json& resource : resources) {
        if (resource.at("uri") == "atlas://jobs/statistics") continue;
        const json read = client.result("resources/read", {{"uri", resource.at("uri")}});
        const json job = json::parse(read.at("contents")[0].at("text").get<std::string>());
        CHECK("atlas://job/" + job.at("job_id").get<std::string>() == resource.at("uri"));
    }
}

TEST_CASE("resource titles are sent only to revisions that define them") {
    LedgerFixture ledger;
    ledger.add_queued("alice");
    Client client{options_for(ledger.path())};
    const auto titled = [&](const char* revision) {
        client.initialize(revision);
        const bool job = client.result("resources/list").at("resources")[0].contains("title");
        const bool form =
            client.result("resources/templates/list").at("resourceTemplates")[0].contains("title");
        CHECK(job == form);
        return job;
    };
    CHECK(titled("2025-11-25"));
    CHECK(titled("2025-06-18"));
    CHECK_FALSE(titled("2025-03-26"));
    CHECK_FALSE(titled("2024-11-05"));
}

TEST_CASE("the resource templates are those of a job and of its output") {
    Client client{options_for("/nonexistent/ledger.db")};
    const json templates = client.result("resources/templates/list").at("resourceTemplates");
    REQUIRE(templates.size() == 2);
    CHECK(templates[0].at("uriTemplate") == "atlas://job/{job_id}");
    CHECK(templates[0].at("mimeType") == "application/json");
    CHECK(templates[1].at("uriTemplate") == "atlas://job/{job_id}/log");
    CHECK(templates[1].at("mimeType") == "text/plain");
}

TEST_CASE("resources/read of an unknown, foreign or malformed job gets the same error") {
    LedgerFixture ledger;
    ledger.add_queued("alice");
    const std::string foreign = "atlas://job/" + ledger.add_queued("bob").str();
    Client client{options_for(ledger.path())};
    const std::string uri = GENERATE_COPY(
        as<std::string>{}, foreign, "atlas://job/01a20320-ffff-7fff-bfff-ffffffffffff",
        "atlas://job/1", "atlas://job/", "atlas://job/../../etc", "atlas://jobs/nothing",
        "atlas://", "", "file:///etc/passwd", "atlas://job/a b", foreign + "/log",
        "atlas://job/1/log", "atlas://job//log");
    CAPTURE(uri);
    CHECK(
        client.error("resources/read", {{"uri", uri}})
        == json{{"code", -32002}, {"message", "resource not found"}, {"data", {{"uri", uri}}}});
}

TEST_CASE("resources/read requires a URI") {
    Client client{options_for("/nonexistent/ledger.db")};
    CHECK(client.error("resources/read").at("code") == -32602);
    CHECK(client.error("resources/read", {{"uri", 5}}).at("code") == -32602);
}
