#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

#include <catch2/catch.hpp>

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
    }
    const json error =
        client.error("resources/read", {{"uri", std::string{"atlas://job/"} + kSomeId}});
    CHECK(error.at("code") == -32603);
    CHECK_FALSE(error.at("message").get<std::string>().empty());
}

std::size_t files_in(const TempDir& dir) {
    const std::filesystem::directory_iterator files{dir.path()};
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

}  // namespace

TEST_CASE(
    "a missing ledger is an outage for a job, an empty list of resources, and is not created") {
    const TempDir dir;
    Client client{options_for(dir / "ledger.db")};
    client.initialize("2025-11-25");
    CHECK_FALSE(client.result("tools/list").at("tools").empty());
    check_outage(client);
    CHECK(client.result("resources/list").at("resources").size() == 1);
    CHECK(files_in(dir) == 0);
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
    check_outage(client);
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
