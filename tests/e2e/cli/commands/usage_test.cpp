#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("a usage error exits with 2 before any ledger is touched") {
    const std::vector<std::vector<std::string>> command_lines = {
        {},
        {"statsu"},
        {"status", "--nonsense"},
        {"status", "--color", "blue"},
        {"status", "--principal", "", "1"},
        {"list", "extra"},
        {"list", "--status", "succeeded"},
        {"list", "--limit", "0"},
        {"list", "--limit", "many"},
        {"list", "--cursor", "garbage"},
        {"list", "--since", "someday"},
        {"list", "--label", "novalue"},
        {"list", "--kind"},
        {"create", "--kind", "two words"},
        {"create", "--label", "novalue"},
        {"create", "--label", "a b=c"},
        {"create", "--ttl", "5"},
        {"create", "--priority", "high"},
        {"create", "--retries", "-1"},
        {"create", "--timeout", "5s"},
        {"start"},
        {"start", "1", "2"},
        {"report"},
        {"report", "1", "--progress", "nan"},
        {"report", "1", "--progress", "1.2"},
        {"report", "1", "--progress", "-0.5"},
        {"report", "1", "--progress", "101%"},
        {"report", "1", "--current", "-1"},
        {"report", "1", "--result", "{}"},
        {"finish", "1", "--result", "not json"},
        {"finish", "1", "--error", ""},
        {"finish", "1", "--error", "e", "--cancelled"},
        {"finish", "1", "--error-code", "c"},
        {"finish", "1", "--error", "x", "--error-code", ""},
        {"cancel"},
        {"cancel", "1", "--kind", "sync"},
        {"cancel", "--kind", "sync"},
        {"cancel", "--status", "done", "--yes"},
        {"cancel", "1", "--grace", "soon"},
        {"gc", "--keep-done", "long"},
        {"gc", "--max-seconds", "0"},
        {"run"},
        {"run", "--"},
        {"run", "true"},
        {"run", "--", ""},
        {"run", "--at", "2026-11-22T12:00:00Z", "--", "true"},
        {"run", "--in", "5s", "--", "true"},
        {"run", "--after", "1", "--", "true"},
        {"run", "--retries", "2", "--", "true"},
        {"run", "--backoff", "1s", "--", "true"},
        {"run", "--timeout", "0s", "--", "true"},
        {"run", "--result", "stderr", "--", "true"},
        {"run", "--log-limit", "lots", "--", "true"},
        {"run", "--env", "=x", "--", "true"},
        {"mcp", "--contract", "nonsense"},
        {"mcp", "--allow", "delete"},
    };
    for (const auto& args : command_lines) {
        const Sandbox sandbox;
        const Ran ran = sandbox.run(args);
        std::string line;
        for (const std::string& word : args)
            line += word + ' ';
        INFO(line << "-> " << ran.err);
        CHECK(ran.exit_status == 2);
        CHECK(ran.out.empty());
        CHECK_THAT(ran.err, StartsWith("atlasjob: "));
        // "what happened: why; what to do"
        CHECK_THAT(ran.err, Contains(": ") && Contains("; "));
        CHECK(sandbox.untouched());
    }
}

TEST_CASE("a usage error names the value and suggests the nearest valid one") {
    const Sandbox sandbox;
    CHECK_THAT(
        sandbox.run({"statsu"}).err, Contains("\"statsu\"") && Contains("did you mean status?"));
    CHECK_THAT(sandbox.run({"status", "--jsn"}).err, Contains("did you mean --json?"));
    CHECK_THAT(sandbox.run({"list", "--status", "runing"}).err, Contains("did you mean running?"));
    CHECK_THAT(sandbox.run({"report", "1", "--progress", "abc"}).err, Contains("\"abc\""));
    CHECK_THAT(sandbox.run({"finish", "1", "--result", "{oops"}).err, Contains("{oops"));
    CHECK_THAT(
        sandbox.run({"run", "--at", "x", "--", "true"}).err, Contains("use atlasjob submit"));
    CHECK_THAT(sandbox.run({"run", "true"}).err, Contains("atlasjob run -- CMD"));
}

TEST_CASE("with --json every error is one JSON object on stderr") {
    const Sandbox sandbox;
    const auto code_of = [&](const std::vector<std::string>& args) {
        const Ran ran = sandbox.run(args);
        CHECK(ran.out.empty());
        const auto error = ran.error_json();
        CHECK(error.size() == 3);
        CHECK(error["message"].is_string());
        CHECK(error["hint"].is_string());
        return error["code"].get<std::string>();
    };
    CHECK(code_of({"status", "--json"}) == "unavailable");
    CHECK(code_of({"--json", "statsu"}) == "invalid_argument");
    CHECK(code_of({"status", "--nonsense", "--json"}) == "invalid_argument");
    sandbox.create();
    CHECK(code_of({"status", "77", "--json"}) == "not_found");
    CHECK(code_of({"--json", "finish", "1", "--result", "1"}) == "refused");
}

TEST_CASE("global options work before and after the command, and the last one wins") {
    const Sandbox sandbox;
    const std::string other = sandbox.dir() / "other.db";
    sandbox.create();
    sandbox.create({"--ledger", other});
    sandbox.create({"--ledger", other});
    const auto total = [&](const std::vector<std::string>& args) {
        return sandbox.run(args).json()["total"].get<int>();
    };
    CHECK(total({"list", "--json"}) == 1);
    CHECK(total({"--json", "list"}) == 1);
    CHECK(total({"--ledger", other, "--json", "list"}) == 2);
    CHECK(total({"list", "--json", "--ledger=" + other}) == 2);
    CHECK(total({"--ledger", other, "list", "--json", "--ledger", sandbox.ledger()}) == 1);
    CHECK(total({"--principal", "bob", "list", "--json"}) == 0);
    CHECK(total({"list", "--principal=bob", "--json"}) == 0);
    CHECK(total({"--principal", "bob", "--admin", "list", "--json"}) == 1);
}

TEST_CASE("every command has --help and --version, and they touch no ledger") {
    Sandbox sandbox;
    sandbox.environment().erase("HOME");
    CHECK(sandbox.run({"--version"}).out == "atlasjob " ATLASJOB_VERSION "\n");
    CHECK(sandbox.run({"status", "--version"}).out == "atlasjob " ATLASJOB_VERSION "\n");
    const Ran all = sandbox.run({"--help"});
    CHECK(all.exit_status == 0);
    for (const char* command :
         {"run", "create", "start", "report", "finish", "status", "list", "cancel", "gc", "doctor",
          "mcp"}) {
        CHECK_THAT(all.out, Contains("\n  " + std::string{command} + " "));
        const Ran one = sandbox.run({command, "--help"});
        CHECK(one.exit_status == 0);
        CHECK(one.err.empty());
        CHECK_THAT(one.out, StartsWith("Usage: atlasjob " + std::string{command}));
        CHECK_THAT(one.out, Contains("--ledger"));
    }
    CHECK(sandbox.untouched());
}

TEST_CASE("an invalid job reference is refused before the ledger is touched") {
    const Sandbox sandbox;
    const std::vector<std::vector<std::string>> commands = {
        {"status", "zz"},
        {"status", "1", "0"},
        {"wait", "zz"},
        {"logs", "zz"},
        {"events", "zz"},
        {"cancel", "zz"},
        {"retry", "last", "zz"},
        {"edit", "zz", "--priority", "1"},
        {"rm", "zz"},
        {"start", "zz"},
        {"report", "zz"},
        {"finish", "zz"},
        {"submit", "--like", "zz"}};
    for (const auto& command : commands) {
        CAPTURE(command);
        const Ran ran = sandbox.run(command);
        CHECK(ran.exit_status == 2);
        CHECK_THAT(ran.err, Contains("does not name a job"));
    }
    CHECK(sandbox.untouched());
}

TEST_CASE("list accepts only one output format") {
    const Sandbox sandbox;
    const std::vector<std::vector<std::string>> formats = {{"--ids"}, {"--format", "{seq}"}};
    for (const auto& format : formats) {
        std::vector<std::string> command = {"list", "--json"};
        command.insert(command.end(), format.begin(), format.end());
        const Ran ran = sandbox.run(command);
        CHECK(ran.exit_status == 2);
        CHECK(nlohmann::json::parse(ran.err).at("error").at("code") == "invalid_argument");
    }
    CHECK(sandbox.untouched());
}

TEST_CASE("submit refuses an unreadable file with the reason") {
    const Sandbox sandbox;
    for (const char* option : {"--stdin", "--batch"}) {
        std::vector<std::string> command = {"submit", option, "/nonexistent"};
        if (option == std::string{"--stdin"}) command.insert(command.end(), {"--", "cat"});
        const Ran ran = sandbox.run(command);
        CHECK(ran.exit_status == 2);
        CHECK_THAT(ran.err, Contains("\"/nonexistent\": No such file or directory"));
    }
    CHECK(sandbox.untouched());
}

TEST_CASE("arguments after a double dash belong to commands that run nothing themselves") {
    const Sandbox sandbox;
    const std::string job = sandbox.create();
    CHECK(sandbox.run({"status", "--json", "--", job}).json()["job_id"] == job);
    CHECK_THAT(
        sandbox.run({"status", "--", "--json"}).err, Contains("\"--json\" does not name a job"));
}
