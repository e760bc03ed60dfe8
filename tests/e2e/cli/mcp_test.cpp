#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using nlohmann::json;

namespace {

constexpr const char* kInitialize =
    R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-06-18",)"
    R"("capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
    "\n"
    R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
    "\n";

std::string ask_status(const std::string& job) {
    const json request = {
        {"jsonrpc", "2.0"},
        {"id", 1},
        {"method", "tools/call"},
        {"params", {{"name", "get_job_status"}, {"arguments", {{"job_id", job}}}}}};
    return kInitialize + request.dump() + "\n";
}

/// The answer to request 1.
json answer_of(const Ran& ran) {
    std::size_t start = 0;
    while (start < ran.out.size()) {
        const std::size_t end = ran.out.find('\n', start);
        const json message = json::parse(ran.out.substr(start, end - start));
        if (message.value("id", json{}) == 1) return message.at("result");
        start = end + 1;
    }
    return {};
}

}  // namespace

TEST_CASE("The server answers for a job that the command line recorded") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    sandbox.run({"report", job, "--progress", "0.4"});
    const Ran ran = sandbox.run({"mcp"}, ask_status(job));
    INFO(ran.out << ran.err);
    CHECK(ran.exit_status == 0);
    const json status = json::parse(answer_of(ran)["content"][0]["text"].get<std::string>());
    CHECK(status["job_id"] == job);
    CHECK(status["status"] == "running");
    CHECK(status["progress"] == 0.4);
}

TEST_CASE("The server acts for one principal, and for none where one is required") {
    Sandbox sandbox;
    const std::string job = sandbox.create();
    const Ran foreign = sandbox.run({"mcp", "--principal", "bob"}, ask_status(job));
    CHECK(foreign.out.find("job_not_found") != std::string::npos);
    CHECK(
        sandbox.run({"mcp", "--require-principal"}, ask_status(job)).out.find("queued")
        != std::string::npos);
    sandbox.environment().erase("ATLASJOB_PRINCIPAL");
    const Ran nobody = sandbox.run({"mcp", "--require-principal"}, ask_status(job));
    CHECK(nobody.out.find("authentication_missing") != std::string::npos);
}

TEST_CASE("The server starts without a ledger and creates none") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"mcp"}, ask_status("01a20320-a2fb-7a02-b2c2-1d3e4f506071"));
    CHECK(ran.exit_status == 0);
    CHECK(ran.out.find("\"serverInfo\"") != std::string::npos);
    CHECK(sandbox.untouched());
}
