#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

using namespace atlasjob;
using nlohmann::json;
using test::Client;
using test::LedgerFixture;
using test::options_for;
using test::TempDir;

namespace {

constexpr auto* kSomeId = "01a20320-a2fa-7a01-b1c2-0d3e4f506070";

/// Checks that the tool and the resource report an outage, and neither reports "not found".
void check_outage(Client& client) {
    for (const auto* id : {kSomeId, "job_nope"}) {
        const std::string text = client.failure_text({{"job_id", id}});
        CAPTURE(text);
        CHECK(text.find("not_found") == std::string::npos);
        CHECK(text.find("ledger") != std::string::npos);
        CHECK(text.find("; ") != std::string::npos);  // what to do about it
        // An agent cannot give the server another option.
        CHECK(text.find("--") == std::string::npos);
    }
    const json error =
        client.error("resources/read", {{"uri", std::string{"atlas://job/"} + kSomeId}});
    CHECK(error.at("code") == -32603);
    CHECK_FALSE(error.at("message").get<std::string>().empty());
    CHECK(error.dump().find("--ledger") == std::string::npos);
}

/// Checks that every job is unknown.
void check_unknown(Client& client) {
    for (const auto* id : {kSomeId, "job_nope"}) {
        CHECK(
            json::parse(client.status_text(id))
            == json{{"error", "job_not_found"}, {"job_id", id}});
    }
    for (const auto* part : {"", "/log"}) {
        const std::string uri = fmt::format("atlas://job/{}{}", kSomeId, part);
        CHECK(client.error("resources/read", {{"uri", uri}}).at("code") == -32002);
    }
}

std::size_t files_in(const TempDir& dir) {
    const std::filesystem::directory_iterator files{dir.path()};
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

}  // namespace

TEST_CASE("a missing or empty ledger holds no jobs and is not created") {
    const TempDir dir;
    const bool is_missing = GENERATE(true, false);
    if (!is_missing) std::ofstream{dir / "ledger.db"};
    auto options = options_for(dir / "ledger.db");
    options.allowed = {true, true, true};
    Client client{options};
    client.initialize("2025-11-25");
    CHECK_FALSE(client.result("tools/list").at("tools").empty());
    check_unknown(client);
    CHECK(client.result("resources/list").at("resources").size() == 1);
    const auto call = [&](const char* tool, const json& arguments) {
        const json answer = client.result("tools/call", {{"name", tool}, {"arguments", arguments}});
        CAPTURE(tool, answer.dump());
        CHECK(answer.at("isError") == false);
        return answer.at("structuredContent");
    };
    CHECK(
        call("list_jobs", json::object())
        == json{{"jobs", json::array()}, {"next_cursor", nullptr}, {"total", 0}});
    const json counts = call("get_job_statistics", json::object());
    CHECK(counts.at("total") == 0);
    CHECK(counts.at("by_status").at("queued") == 0);
    for (const char* tool :
         {"get_job", "wait_for_job", "get_job_output", "cancel_job", "retry_job"}) {
        for (const char* name : {kSomeId, "1"})
            CHECK(call(tool, {{"job_id", name}}).at("error") == "job_not_found");
    }
    const json statistics =
        client.result("resources/read", {{"uri", "atlas://jobs/statistics"}}).at("contents")[0];
    CHECK(json::parse(statistics.at("text").get<std::string>()).at("total") == 0);
    CHECK(
        client
            .result(
                "completion/complete", {{"ref", {{"type", "ref/prompt"}, {"name", "diagnose_job"}}},
                                        {"argument", {{"name", "job_id"}, {"value", "0"}}}})
            .at("completion")
            .at("values")
            .empty());
    CHECK(client.error("tasks/get", {{"taskId", kSomeId}}).at("code") == -32602);
    CHECK(files_in(dir) == (is_missing ? 0 : 1));
    CHECK((is_missing || std::filesystem::file_size(dir / "ledger.db") == 0));
}

TEST_CASE("jobs are unknown to the tools of every contract if there is no ledger") {
    const TempDir dir;
    const auto row = GENERATE(table<std::string, std::string, std::string>(
        {{"cidx", "get_job_details", "job_id"},
         {"bgjob", "get_job_status", "job_id"},
         {"arcgis", "get_gp_task_job_status", "jobId"},
         {"reftrix", "page.getJobStatus", "job_id"}}));
    const std::string& contract = std::get<0>(row);
    const std::string& id = std::get<2>(row);
    CAPTURE(contract);
    auto options = options_for(dir / "ledger.db");
    options.contract = contract;
    Client client{options};
    json arguments = {{id, kSomeId}};
    if (contract == "arcgis")
        arguments = {{id, "j01a20320a2fa7a01b1c20d3e4f506070"}, {"taskUrl", "https://x/y"}};
    const std::string answer =
        client.result("tools/call", {{"name", std::get<1>(row)}, {"arguments", arguments}}).dump();
    CAPTURE(answer);
    const auto says = [&](const char* words) { return answer.find(words) != std::string::npos; };
    CHECK((says("not found") || says("does not exist for this task")));
    CHECK_FALSE((says("ledger") || says("Redis") || says("Failed")));
    if (contract == "cidx" || contract == "bgjob") {
        const auto* list = contract == "cidx" ? "get_job_statistics" : "list_jobs";
        const json listed =
            client.result("tools/call", {{"name", list}, {"arguments", json::object()}});
        CHECK(listed.at("isError") == false);
    }
    CHECK(files_in(dir) == 0);
}

TEST_CASE("a ledger that cannot be looked at is an outage, not an empty one") {
    const TempDir dir;
    std::ofstream{dir / "file"};
    Client client{options_for(dir / "file/ledger.db")};
    check_outage(client);
}

TEST_CASE("a foreign file, a damaged ledger and a directory are outages, also for resources/list") {
    const TempDir dir;
    const std::string path = dir / "ledger.db";
    const int kind = GENERATE(0, 1, 2);
    CAPTURE(kind);
    if (kind == 0) std::ofstream(path) << "this is not a database, whatever its name says\n";
    if (kind == 1) std::ofstream(path) << "SQLite format 3" << '\0' << std::string(5000, '\x7f');
    if (kind == 2) std::filesystem::create_directory(path);
    Client client{options_for(path)};
    check_outage(client);
    CHECK(client.error("resources/list").at("code") == -32603);
}

TEST_CASE("a server that started before its ledger finds it later") {
    LedgerFixture ledger;
    const auto job = test::golden_jobs().at("done");
    ledger.add(job.record);
    const TempDir elsewhere;
    const std::string path = elsewhere / "ledger.db";
    Client client{options_for(path)};
    check_unknown(client);
    std::filesystem::create_symlink(ledger.path(), path);
    CHECK(client.status_text(job.record.at("job_id")) == job.answer);
}

TEST_CASE("a server notices when its ledger is replaced or removed") {
    LedgerFixture first;
    LedgerFixture second;
    const auto job = test::golden_jobs().at("running");
    second.add(job.record);
    first.close();
    second.close();
    const TempDir place;
    const std::string path = place / "ledger.db";
    std::filesystem::rename(first.path(), path);
    Client client{options_for(path)};
    CHECK_THAT(
        client.status_text(job.record.at("job_id")), Catch::Matchers::Contains("job_not_found"));
    // As after a restore: the same path, another file.
    std::filesystem::remove(path + "-wal");
    std::filesystem::remove(path + "-shm");
    std::filesystem::rename(second.path(), path);
    CHECK(client.status_text(job.record.at("job_id")) == job.answer);
    std::filesystem::remove(path);
    check_outage(client);
}
