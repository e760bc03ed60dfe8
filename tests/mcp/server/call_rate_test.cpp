#include "mcp/jobs/call_rate.h"

#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("a minute's calls are allowed at once, then calls are limited to the refill rate") {
    mcp::CallRate rate{3};
    const Time start = from_ms(1'000'000);
    for (int call = 0; call < 3; ++call)
        CHECK_FALSE(rate.refuse(start));
    CHECK(rate.refuse(start) == 20);
    CHECK(rate.refuse(start + 1ms) == 20);
    CHECK(rate.refuse(start + 19'001ms) == 1);
    CHECK_FALSE(rate.refuse(start + 20s));
    CHECK(rate.refuse(start + 20s) == 20);
}

TEST_CASE("the bucket holds at most a minute's calls") {
    mcp::CallRate rate{2};
    const Time start = from_ms(1'000'000);
    CHECK_FALSE(rate.refuse(start));
    const Time later = start + 1000h;
    CHECK_FALSE(rate.refuse(later));
    CHECK_FALSE(rate.refuse(later));
    CHECK(rate.refuse(later) == 30);
}

TEST_CASE("a clock that steps back neither fills nor empties the bucket") {
    mcp::CallRate rate{2};
    const Time start = from_ms(100'000'000);
    CHECK_FALSE(rate.refuse(start));
    CHECK_FALSE(rate.refuse(start - 10h));
    CHECK(rate.refuse(start - 10h) == 30);
    CHECK_FALSE(rate.refuse(start - 10h + 30s));
}

TEST_CASE("every tool call and every resource read counts, answered or refused") {
    test::LedgerFixture ledger;
    const std::string id = ledger.add_queued("alice").str();
    auto options = test::options_for(ledger.path());
    options.calls_per_minute = 3;
    test::Client client{options};
    CHECK(json::parse(client.status_text(id)).at("job_id") == id);
    CHECK_THAT(client.failure_text({{"job_id", 1}}), Catch::Matchers::Contains("job_id"));
    CHECK_NOTHROW(client.result("resources/read", {{"uri", "atlas://job/" + id}}));
    const json refusal = json::parse(client.status_text(id));
    CHECK(refusal.at("error") == "rate_limited");
    CHECK(refusal.at("retry_after_seconds").get<int>() <= 20);
    CHECK(refusal.at("retry_after_seconds").get<int>() >= 1);
    CHECK(refusal.size() == 2);
    const json error = client.error("resources/read", {{"uri", "atlas://job/" + id}});
    CHECK_THAT(error.at("message"), Catch::Matchers::Contains("too many calls"));
    CHECK(client.result("tools/list").at("tools").size() > 1);
}

TEST_CASE("a call without a principal is refused as such at any rate") {
    test::LedgerFixture ledger;
    auto options = test::options_for(ledger.path());
    options.principal.reset();
    options.calls_per_minute = 1;
    test::Client client{options};
    for (int call = 0; call < 3; ++call)
        CHECK(client.status_text("x") == R"({"error":"authentication_missing"})");
}
