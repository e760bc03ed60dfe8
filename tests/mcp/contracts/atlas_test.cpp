#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using nlohmann::json;
using test::Client;
using test::LedgerFixture;
using test::options_for;

TEST_CASE("atlas: a job in each status is answered byte for byte as the contract requires") {
    LedgerFixture ledger;
    for (const auto& [state, job] : test::golden_jobs())
        ledger.add(job.record);
    Client client{options_for(ledger.path())};
    for (const auto& [state, job] : test::golden_jobs()) {
        CAPTURE(state);
        const std::string job_id = job.record.at("job_id");
        CHECK(client.status_text(job_id) == job.answer);
        const auto read = client.result("resources/read", {{"uri", "atlas://job/" + job_id}});
        REQUIRE(read.at("contents").size() == 1);
        const json content = read.at("contents")[0];
        CHECK(content.at("text") == job.answer);
        CHECK(content.at("mimeType") == "application/json");
        CHECK(content.at("uri") == "atlas://job/" + job_id);
    }
}

TEST_CASE("atlas: an id is accepted in either letter case and returned in lower case") {
    LedgerFixture ledger;
    const auto job = test::golden_jobs().at("running");
    ledger.add(job.record);
    Client client{options_for(ledger.path())};
    CHECK(client.status_text("01A20320-A2FB-7A02-B2C2-1D3E4F506071") == job.answer);
}

TEST_CASE("atlas: a foreign job and an unknown id get the same bytes") {
    LedgerFixture ledger;
    const std::string foreign = ledger.add_queued("bob").str();
    Client client{options_for(ledger.path())};
    const auto request = [](const std::string& id) {
        return fmt::format(
            R"({{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"get_job_status","arguments":{{"job_id":"{}"}}}}}})",
            id);
    };
    const std::string unknown = "01a20320-ffff-7fff-bfff-ffffffffffff";
    std::string expected = client.send(request(unknown));
    REQUIRE(expected.find("job_not_found") != std::string::npos);
    for (std::size_t at; (at = expected.find(unknown)) != std::string::npos;) {
        expected.replace(at, unknown.size(), foreign);
    }
    CHECK(client.send(request(foreign)) == expected);
}

TEST_CASE("atlas: a well-formed id that is not a job_id is not found") {
    LedgerFixture ledger;
    ledger.add_queued("alice");
    Client client{options_for(ledger.path())};
    const std::string id = GENERATE(
        as<std::string>{}, "job_nope", "42", "1", "last", "a", "A:b-c_9", std::string(128, 'x'),
        "01a20320-a2fa-7a01-b1c2-0d3e4f50607g", "01a20320a2fa7a01b1c20d3e4f506070");
    CHECK(
        client.status_text(id) == fmt::format(R"({{"error":"job_not_found","job_id":"{}"}})", id));
}

TEST_CASE("atlas: a malformed id is an invalid parameter, not an unknown job") {
    LedgerFixture ledger;
    Client client{options_for(ledger.path())};
    const std::string id = GENERATE(
        as<std::string>{}, "", "../../etc", "a/b", "a\nb", "a\n", " ", "a b", "ü",
        std::string(129, 'x'), std::string("a\0b", 3), std::string(100'000, 'x'), "a.b", "%41");
    CHECK(client.status_text(id) == R"({"error":"invalid_parameter","parameter":"job_id"})");
}

TEST_CASE("atlas: without a principal every id gets authentication_missing") {
    LedgerFixture ledger;
    const std::string mine = ledger.add_queued("alice").str();
    auto options = options_for(ledger.path());
    options.principal.reset();
    Client client{options};
    const std::string id = GENERATE_COPY(as<std::string>{}, mine, "job_nope", "../../etc", "");
    CHECK(client.status_text(id) == R"({"error":"authentication_missing"})");
    CHECK(client.result("resources/list").at("resources").empty());
    CHECK(client.error("resources/read", {{"uri", "atlas://job/" + mine}})["code"] == -32002);
}

TEST_CASE("atlas: an admin sees everybody's jobs") {
    LedgerFixture ledger;
    const std::string foreign = ledger.add_queued("bob").str();
    auto options = options_for(ledger.path());
    options.principal->admin = true;
    Client client{options};
    CHECK(json::parse(client.status_text(foreign)).at("job_id") == foreign);
}

TEST_CASE("atlas: an argument that does not fit the schema is named with what is allowed") {
    LedgerFixture ledger;
    Client client{options_for(ledger.path())};
    using Catch::Matchers::Contains;
    CHECK_THAT(
        client.failure_text(json::object()),
        Contains("job_id") && Contains("missing") && Contains("string"));
    for (const json& wrong : {json(42), json(nullptr), json(true), json::array(), json(1.5)}) {
        CAPTURE(wrong.dump());
        CHECK_THAT(
            client.failure_text({{"job_id", wrong}}),
            Contains("job_id") && Contains(wrong.dump()) && Contains("string"));
    }
    CHECK_THAT(
        client.failure_text({{"jobid", "x"}}),
        Contains("\"jobid\"") && Contains("did you mean job_id?") && Contains("missing"));
    CHECK_THAT(
        client.failure_text({{"job_id", "x"}, {"verbose", true}}),
        Contains("\"verbose\"") && Contains("job_id"));
}

TEST_CASE("atlas: a target is always an object") {
    LedgerFixture ledger;
    Client client{options_for(ledger.path())};
    const auto target_for = [&](const std::optional<std::string>& stored) {
        const std::string text = client.status_text(ledger.add_done(stored, "null").view());
        return text.substr(text.find("\"target\":"));
    };
    CHECK(target_for({}) == R"("target":{}})");
    CHECK(target_for(R"({"b":1,"a":[]})") == R"("target":{"b":1,"a":[]}})");
    CHECK(target_for(R"("C0ENG")") == R"("target":{"value":"C0ENG"}})");
    CHECK(target_for("[1,2]") == R"("target":{"value":[1,2]}})");
    CHECK(target_for("17") == R"("target":{"value":17}})");
}

TEST_CASE("atlas: a result is returned byte for byte") {
    LedgerFixture ledger;
    Client client{options_for(ledger.path())};
    const auto* result = GENERATE(
        "{}", "[]", "null", "\"text\"", "123456789012345678901234567890", "1.10",
        R"({"z":1,"a":2,"z":3})", R"("\u0000\ud83d\ude00 \"\\ \/ é")");
    const std::string text = client.status_text(ledger.add_done({}, result).view());
    CHECK(text.find(fmt::format(R"("result":{},"error":null)", result)) != std::string::npos);
}

TEST_CASE(
    "atlas: a result of two megabytes is returned whole by the resource, and its length by the "
    "tool") {
    LedgerFixture ledger;
    std::string result = "[";
    while (result.size() < 2'000'000)
        result += R"({"path":"C:\\x","n":1},)";
    result += "0]";
    const std::string job_id = ledger.add_done({}, result).str();
    Client client{options_for(ledger.path())};
    const std::string text = client.status_text(job_id);
    CHECK(json::parse(text).at("result_omitted_bytes") == result.size());
    const auto read = client.result("resources/read", {{"uri", "atlas://job/" + job_id}});
    const std::string whole = read.at("contents")[0].at("text");
    CHECK(json::parse(whole).at("result") == json::parse(result));
}

TEST_CASE("atlas: a result that is too long for the tool is still served by the resource") {
    LedgerFixture ledger;
    const std::string result = '"' + std::string(6'000'000, 'x') + '"';
    const std::string job_id = ledger.add_done({}, result).str();
    Client client{options_for(ledger.path())};
    CHECK(json::parse(client.status_text(job_id)).at("result").is_null());
    const auto read = client.result("resources/read", {{"uri", "atlas://job/" + job_id}});
    CHECK(read.at("contents")[0].at("text").get<std::string>().size() > 6'000'000);
}
