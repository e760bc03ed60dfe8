#include "mcp/server/server_process.h"

#include "mcp/ledger_fixture.h"
#include "rpc/line_transport.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

using namespace atlasjob;
using nlohmann::json;
using test::LedgerFixture;
using test::ServerProcess;
using test::TempDir;

namespace {

const std::string kPing = R"({"jsonrpc":"2.0","id":0,"method":"ping"})";
const std::string kPong = R"({"jsonrpc":"2.0","id":0,"result":{}})";

std::string status_request(const std::string& job_id) {
    return json{
        {"jsonrpc", "2.0"},
        {"id", 1},
        {"method", "tools/call"},
        {"params", {{"name", "get_job_status"}, {"arguments", {{"job_id", job_id}}}}}}
        .dump();
}

bool exited_with_0(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("the server answers line by line and exits with 0 at the end of its input") {
    LedgerFixture ledger;
    const auto job = test::golden_jobs().at("done");
    ledger.add(job.record);
    ServerProcess server{ledger.path()};
    server.write(kPing + "\r\n\n");
    CHECK(server.read_line() == kPong);
    server.write("{nonsense\n" + status_request(job.record.at("job_id")) + "\n");
    CHECK(json::parse(server.read_line().value()).at("error").at("code") == -32700);
    const json answer = json::parse(server.read_line().value());
    CHECK(answer.at("result").at("content")[0].at("text") == job.answer);
    server.close_input();
    CHECK_FALSE(server.read_line());
    CHECK(exited_with_0(server.wait()));
}

TEST_CASE("a last request without a newline is answered, a partial one is a parse error") {
    const TempDir dir;
    const bool whole = GENERATE(true, false);
    ServerProcess server{dir / "none.db"};
    server.write(kPing.substr(0, whole ? kPing.size() : 20));
    server.close_input();
    const std::string line = server.read_line().value();
    CHECK((whole ? line == kPong : json::parse(line).at("error").at("code") == -32700));
    CHECK(exited_with_0(server.wait()));
}

TEST_CASE("requests can be read from a file") {
    const TempDir dir;
    std::ofstream(dir / "requests") << kPing << '\n' << kPing << '\n';
    const UniqueFd file = open_file(dir / "requests", O_RDONLY);
    ServerProcess server{dir / "none.db", file.get()};
    CHECK(server.read_line() == kPong);
    CHECK(server.read_line() == kPong);
    CHECK_FALSE(server.read_line());
    CHECK(exited_with_0(server.wait()));
}

TEST_CASE("a server without job requests creates no file") {
    const TempDir dir;
    ServerProcess server{dir / "ledger.db"};
    server.write(kPing + "\n");
    CHECK(server.read_line() == kPong);
    server.close_input();
    CHECK(exited_with_0(server.wait()));
    CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("a client that closes its end makes the server exit with 0") {
    rpc::ignore_broken_pipes();
    const TempDir dir;
    ServerProcess server{dir / "none.db"};
    server.write(kPing + "\n");
    CHECK(server.read_line() == kPong);
    server.close_output();
    server.write(kPing + "\n");
    CHECK(exited_with_0(server.wait()));
}

TEST_CASE("the server stops reading from a client that does not read its responses") {
    const TempDir dir;
    ServerProcess server{dir / "none.db"};
    constexpr std::size_t kMax = 64UL * 1024 * 1024;
    // Both pipes and the server's buffer take a part; the rest must stay with the client.
    CHECK(server.write_until_blocked(kPing + "\n", kMax) < kMax);
    for (int i = 0; i < 1000; ++i)
        REQUIRE(server.read_line() == kPong);
}

TEST_CASE("SIGTERM ends the server at any time without damage to the ledger") {
    LedgerFixture ledger;
    const auto job = test::golden_jobs().at("running");
    ledger.add(job.record);
    const std::string request = status_request(job.record.at("job_id")) + "\n";
    for (int answers = 0; answers < 3; ++answers) {
        ServerProcess server{ledger.path()};
        for (int i = 0; i < answers; ++i) {
            server.write(request);
            REQUIRE(server.read_line());
        }
        server.write(request);
        REQUIRE(::kill(server.pid(), SIGTERM) == 0);
        const int status = server.wait();
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGTERM);
    }
    ServerProcess server{ledger.path()};
    server.write(request);
    const json answer = json::parse(server.read_line().value());
    CHECK(answer.at("result").at("content")[0].at("text") == job.answer);
}
