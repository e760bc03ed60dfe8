#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>

using namespace atlasjob::test;
using nlohmann::json;

namespace {

constexpr const char* kInitialize =
    R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-06-18",)"
    R"("capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
    "\n"
    R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
    "\n";

std::string call_tool(const std::string& tool, const json& arguments) {
    const json request = {
        {"jsonrpc", "2.0"},
        {"id", 1},
        {"method", "tools/call"},
        {"params", {{"name", tool}, {"arguments", arguments}}}};
    return kInitialize + request.dump() + "\n";
}

std::string status_request(const std::string& job) {
    return call_tool("get_job_status", {{"job_id", job}});
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

/// Writes `text` to a file in the sandbox; returns its path.
std::string write_file(const Sandbox& sandbox, const std::string& name, const std::string& text) {
    std::ofstream{sandbox.dir() / name} << text;
    return sandbox.dir() / name;
}

}  // namespace

TEST_CASE("atlasjob mcp reports the status of a job created on the command line") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    sandbox.run({"report", job, "--progress", "0.4"});
    const Ran ran = sandbox.run({"mcp"}, status_request(job));
    INFO(ran.out << ran.err);
    CHECK(ran.exit_status == 0);
    const json status = json::parse(answer_of(ran)["content"][0]["text"].get<std::string>());
    CHECK(status["job_id"] == job);
    CHECK(status["status"] == "running");
    CHECK(status["progress"] == 0.4);
}

TEST_CASE("atlasjob mcp acts for one principal, and for none if --require-principal finds none") {
    Sandbox sandbox;
    const std::string job = sandbox.create();
    const Ran foreign = sandbox.run({"mcp", "--principal", "bob"}, status_request(job));
    CHECK(foreign.out.find("job_not_found") != std::string::npos);
    CHECK(
        sandbox.run({"mcp", "--require-principal"}, status_request(job)).out.find("queued")
        != std::string::npos);
    sandbox.environment().erase("ATLASJOB_PRINCIPAL");
    const Ran nobody = sandbox.run({"mcp", "--require-principal"}, status_request(job));
    CHECK(nobody.out.find("authentication_missing") != std::string::npos);
}

TEST_CASE("atlasjob mcp starts without a ledger and creates none") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"mcp"}, status_request("01a20320-a2fb-7a02-b2c2-1d3e4f506071"));
    CHECK(ran.exit_status == 0);
    CHECK(ran.out.find("\"serverInfo\"") != std::string::npos);
    CHECK(sandbox.untouched());
}

TEST_CASE("a job submitted through MCP runs and is labelled with session and project") {
    Sandbox sandbox;
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    sandbox.environment()["CLAUDE_CODE_SESSION_ID"] = "s1\n" + std::string(2000, 'x');
    sandbox.environment()["CLAUDE_PROJECT_DIR"] = "/srv/app";
    const Ran ran = sandbox.run(
        {"mcp", "--allow", "submit"}, call_tool("submit_job", {{"script", "echo from an agent"}}));
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit_status == 0);
    const std::string job = answer_of(ran)["structuredContent"]["job_id"];
    CHECK(sandbox.run({"wait", job, "--timeout", "120s"}).exit_status == 0);
    CHECK(sandbox.run({"logs", job}).out == "from an agent\n");
    const json labels = sandbox.run({"status", job, "--json"}).json()["labels"];
    CHECK(labels["project"] == "/srv/app");
    CHECK(labels["session"] == "s1 " + std::string(1021, 'x'));
    sandbox.stop_workers();
}

TEST_CASE(
    "a read-only MCP server reaps a job that a client waits for when its supervisor is killed") {
    const Sandbox sandbox;
    const std::string job = sandbox.run({"run", "--detach", "--", "sleep", "600"}).line();
    Running server = sandbox.start({"mcp"});
    server.write(call_tool("wait_for_job", {{"job_id", job}, {"timeout_seconds", 600}}));
    // The response to this ping means that the wait has begun.
    server.write(R"({"jsonrpc":"2.0","id":"after","method":"ping"})"
                 "\n");
    REQUIRE(server.wait_for("\"after\""));
    REQUIRE(kill(sandbox.status(job)["worker"]["pid"].get<pid_t>(), SIGKILL) == 0);
    REQUIRE(server.wait_for("worker_lost"));
    server.close_input();
    const json lost = answer_of(server.wait())["structuredContent"];
    CHECK(lost["status"] == "error");
    CHECK(lost["timed_out"] == false);
    CHECK(sandbox.status(job)["reason"] == "worker_lost");
}

TEST_CASE("mcp --allow enables verbs by name, one or several") {
    const Sandbox sandbox;
    const json arguments = {{"job_id", "01a20320-a2fb-7a02-b2c2-1d3e4f506071"}};
    const auto is_served = [&](std::vector<std::string> options, const char* tool) {
        options.insert(options.begin(), "mcp");
        const Ran ran = sandbox.run(options, call_tool(tool, arguments));
        return ran.out.find("unknown tool") == std::string::npos;
    };
    CHECK_FALSE(is_served({}, "cancel_job"));
    CHECK(is_served({"--allow", "submit,cancel"}, "cancel_job"));
    CHECK(is_served({"--allow", "submit", "--allow", "cancel"}, "cancel_job"));
    CHECK_FALSE(is_served({"--allow", "submit,cancel"}, "retry_job"));
    const Ran wrong = sandbox.run({"mcp", "--allow", "submit,kill"});
    CHECK(wrong.exit_status == 2);
    for (const char* word : {"\"kill\"", "submit", "cancel", "retry"})
        CHECK(wrong.err.find(word) != std::string::npos);
}

TEST_CASE("actions check validates an actions file, and mcp refuses an invalid one") {
    const Sandbox sandbox;
    const std::string file = write_file(sandbox, "actions.json", R"({"actions":[
        {"name":"greet","description":"Greets.","command":["echo","{who}"],
         "input":{"type":"object","properties":{"who":{"type":"string"}},"required":["who"]}}]})");
    const Ran checked = sandbox.run({"actions", "check", file, "--json"});
    CHECK(checked.exit_status == 0);
    CHECK(checked.json()["actions"][0]["name"] == "greet");
    CHECK(sandbox.run({"actions", "check", file}).out.find("greet") != std::string::npos);
    const Ran served =
        sandbox.run({"mcp", "--actions", file}, call_tool("greet", {{"who", "bob"}}));
    CHECK(answer_of(served)["structuredContent"]["status"] == "queued");
    const std::string invalid = write_file(
        sandbox, "invalid.json",
        R"({"actions":[{"name":"a","description":"b","command":["{x}"]}]})");
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"actions", "check", invalid},
          std::vector<std::string>{"mcp", "--actions", invalid}}) {
        const Ran refused = sandbox.run(args);
        CHECK(refused.exit_status == 2);
        CHECK(refused.err.find("invalid.json: actions[0].command[0]") != std::string::npos);
    }
}
