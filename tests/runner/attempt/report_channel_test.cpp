#include "runner/attempt/report_channel.h"

#include <catch2/catch.hpp>

namespace atlasjob {

namespace {

Report require_report(std::string_view line) {
    const auto parsed = parse_report(line);
    if (const auto* why = std::get_if<std::string>(&parsed)) FAIL(*why);
    return std::get<Report>(parsed);
}

std::string complaint(std::string_view line) {
    const auto parsed = parse_report(line);
    const auto* why = std::get_if<std::string>(&parsed);
    return why == nullptr ? "(accepted)" : *why;
}

struct Received {
    std::vector<Report> reports;
    std::vector<std::string> complaints;
    ReportChannel channel{
        [this](Report report) { reports.push_back(std::move(report)); },
        [this](const std::string& why) { complaints.push_back(why); }};
};

}  // namespace

TEST_CASE("a report may contain any subset of the fields") {
    const Report all = require_report(
        R"( {"progress":0.4, "phase":"embedding","message":"a \"b\" \u00e9","current":300,"total":711,"result":{"a":1}} )");
    CHECK(all.progress == 0.4);
    CHECK(all.phase == "embedding");
    CHECK(all.message == "a \"b\" \xc3\xa9");
    CHECK(all.current == 300);
    CHECK(all.total == 711);
    CHECK(all.result == "{\"a\":1}");

    const Report one = require_report(R"({"current":5})");
    CHECK(one.current == 5);
    CHECK_FALSE(one.progress.has_value());
    CHECK_FALSE(one.phase.has_value());
    CHECK_FALSE(one.result.has_value());
    CHECK(require_report(R"({"progress":1})").progress == 1.0);
    CHECK_FALSE(require_report("{}").progress.has_value());
}

TEST_CASE("null fields are ignored except for the result and unknown fields are ignored") {
    const Report report = require_report(
        R"({"progress":null,"phase":null,"total":null,"result":null,"eta":{"progress":7}})");
    CHECK_FALSE(report.progress.has_value());
    CHECK_FALSE(report.phase.has_value());
    CHECK_FALSE(report.total.has_value());
    CHECK(report.result == "null");
}

TEST_CASE("a result is kept verbatim except for white space between tokens") {
    CHECK(
        require_report(
            R"({"result": {"z": 12345678901234567890123, "a": [1.50, "x , }\" :"], "z": 2}, "phase": "p"})")
            .result
        == R"({"z":12345678901234567890123,"a":[1.50,"x , }\" :"],"z":2})");
    CHECK(require_report(R"({"result":"text"})").result == "\"text\"");
    CHECK(require_report(R"({"resu\u006ct":[]})").result == "[]");
}

TEST_CASE("a malformed report is rejected with its value") {
    CHECK(complaint("progress 40%") == "not JSON: progress 40%");
    CHECK(complaint("[1]") == "not a JSON object: [1]");
    CHECK(complaint("0.4") == "not a JSON object: 0.4");
    CHECK(complaint(R"({"progress":NaN})") == R"(not JSON: {"progress":NaN})");
    CHECK(complaint(R"({"progress":1e999})") == R"(not JSON: {"progress":1e999})");
    CHECK_THAT(complaint(R"({"progress":1.5})"), Catch::Contains("1.5"));
    CHECK_THAT(complaint(R"({"progress":-0.1})"), Catch::Contains("-0.1"));
    CHECK(complaint(R"({"progress":"0.4"})") == "progress \"0.4\" is not a number from 0 to 1");
    CHECK(complaint(R"({"phase":7})") == "phase 7 is not a string");
    CHECK(complaint(R"({"current":-1})") == "current -1 is not a non-negative integer");
    CHECK(complaint(R"({"total":1.5})") == "total 1.5 is not a non-negative integer");
    CHECK_THAT(
        complaint(R"({"current":99999999999999999999})"),
        Catch::Contains("not a non-negative integer"));
    CHECK_THAT(complaint(std::string(1000, '[')), Catch::StartsWith("not JSON: [[["));
    CHECK_THAT(complaint("\xff\xfe"), Catch::StartsWith("not JSON: \xef\xbf\xbd"));
}

TEST_CASE("text too long for the ledger is truncated at a character boundary") {
    const std::string accents = [] {
        std::string text;
        for (int i = 0; i < 20'000; ++i)
            text += "\xc3\xa9";
        return text;
    }();
    const Report report = require_report("{\"message\":\"" + accents + "\"}");
    REQUIRE(report.message.has_value());
    CHECK(report.message->size() == 16384);
    CHECK(accents.starts_with(*report.message));
}

TEST_CASE("lines are assembled from any pieces and the last needs no line end") {
    const std::string text = "{\"current\":1}\nnonsense\n\n  \n{\"current\":2}\r\n{\"current\":3}";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        Received received;
        for (std::size_t at = 0; at < text.size(); at += piece)
            received.channel.feed(std::string_view{text}.substr(at, piece));
        received.channel.finish();
        REQUIRE(received.reports.size() == 3);
        CHECK(received.reports[1].current == 2);
        CHECK(received.reports[2].current == 3);
        CHECK(received.complaints == std::vector<std::string>{"not JSON: nonsense"});
    }
}

TEST_CASE("an endless line uses bounded memory and causes one complaint") {
    Received received;
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 40; ++i)
        received.channel.feed(block);
    received.channel.feed("\n{\"current\":1}\n");
    CHECK(received.complaints == std::vector<std::string>{"longer than 16777216 bytes"});
    REQUIRE(received.reports.size() == 1);
    CHECK(received.reports[0].current == 1);
}

TEST_CASE("a large result is accepted") {
    Received received;
    const std::string big = "\"" + std::string(3 << 20, 'r') + "\"";
    received.channel.feed("{\"result\":" + big + "}\n");
    CHECK(received.complaints.empty());
    REQUIRE(received.reports.size() == 1);
    CHECK(received.reports[0].result == big);
}

TEST_CASE("a later report overrides given fields and keeps the others") {
    Report report = require_report(R"({"progress":0.1,"phase":"a","result":1})");
    merge_report(report, require_report(R"({"progress":0.2,"message":"m"})"));
    CHECK(report.progress == 0.2);
    CHECK(report.phase == "a");
    CHECK(report.message == "m");
    CHECK(report.result == "1");
}

}  // namespace atlasjob
