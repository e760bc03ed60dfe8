#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <sstream>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

std::vector<json> json_lines(const std::string& text) {
    std::istringstream stream{text};
    std::vector<json> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(json::parse(line));
    return lines;
}

/// Ends a created job.
void finish(const Sandbox& sandbox, const std::string& job, const std::string& how = "--result=1") {
    REQUIRE(sandbox.run({"finish", job, how}).exit_status == 0);
}

std::string session_of(const Sandbox& sandbox, const std::string& job) {
    return sandbox.status(job)["session"].dump();
}

/// Calls submit_job as a host would; returns the id of the job.
std::string submit_through_mcp(const Sandbox& sandbox, const json& meta) {
    Running server = sandbox.start({"mcp", "--allow", "submit"});
    const json call = {
        {"jsonrpc", "2.0"},
        {"id", 1},
        {"method", "tools/call"},
        {"params",
         {{"name", "submit_job"}, {"arguments", {{"command", {"true"}}}}, {"_meta", meta}}}};
    server.write(call.dump() + "\n");
    const json answer = json::parse(server.first_line());
    server.close_input();
    CHECK(server.wait().exit_status == 0);
    CAPTURE(answer.dump());
    const std::string text = answer.at("result").at("content").at(0).at("text");
    return json::parse(text).at("job_id");
}

}  // namespace

TEST_CASE("a job belongs to the session that is given, else to that of the environment") {
    Sandbox sandbox;
    CHECK(session_of(sandbox, sandbox.create()) == "null");
    sandbox.environment()["CLAUDE_CODE_SESSION_ID"] = "c-1";
    CHECK(session_of(sandbox, sandbox.create()) == "\"c-1\"");
    CHECK(session_of(sandbox, sandbox.submit("true")) == "\"c-1\"");
    CHECK(session_of(sandbox, sandbox.create({"--session", "s 2"})) == "\"s 2\"");
    REQUIRE(sandbox.run({"run", "--", "true"}).exit_status == 0);
    CHECK(session_of(sandbox, "last") == "\"c-1\"");
    // A copy belongs to the session that makes it.
    const std::string other = sandbox.submit("true", {"--session", "other"});
    const Ran copy = sandbox.run({"submit", "--like", other});
    CHECK(session_of(sandbox, copy.line()) == "\"c-1\"");
    const Ran batch =
        sandbox.run({"submit", "--batch", "-"}, "{\"command\":[\"true\"],\"session\":\"b\"}\n");
    CHECK(session_of(sandbox, batch.line()) == "\"b\"");
    const Ran refused = sandbox.run({"create", "--session", ""});
    CHECK(refused.exit_status == 2);
    CHECK_THAT(refused.err, Contains("session \"\": not allowed"));
}

TEST_CASE("what a job submits belongs to the job's session") {
    Sandbox sandbox;
    sandbox.environment()["CLAUDE_CODE_SESSION_ID"] = "c-1";
    const std::string script = "\"$0\" create --kind nested";
    const Ran ran = sandbox.run({"run", "--session", "s1", "--", "sh", "-c", script, kProgram});
    REQUIRE(ran.exit_status == 0);
    CHECK(session_of(sandbox, ran.line()) == "\"s1\"");
}

TEST_CASE("an --on-end hook learns the session of its job") {
    const Sandbox sandbox;
    const std::string pipe = sandbox.dir() / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const std::string hook = fmt::format("echo \"$ATLASJOB_SESSION\" > {}", pipe);
    sandbox.submit("true", {"--session", "s1", "--on-end", hook});
    sandbox.drain();
    CHECK(sandbox.exec({"cat", pipe}).out == "s1\n");
}

TEST_CASE("filters select the jobs of sessions for every command that takes them") {
    const Sandbox sandbox;
    const std::string first = sandbox.create({"--session", "s1"});
    const std::string second = sandbox.create({"--session", "s2"});
    sandbox.create();
    CHECK(sandbox.run({"list", "--session", "s1", "--ids"}).out == first + "\n");
    CHECK(
        sandbox.run({"list", "--session", "s1", "--session", "s2", "--ids"}).out
        == second + "\n" + first + "\n");
    CHECK(sandbox.run({"list", "--session", "nobody's", "--ids"}).out.empty());
    CHECK(sandbox.run({"list", "--session", "s1", "--json"}).json()["total"] == 1);
    CHECK(json_lines(sandbox.run({"export", "--session", "s2"}).out).size() == 1);
    CHECK(sandbox.run({"wait", "--session", "s1", "--timeout", "1ms"}).exit_status == 75);
    CHECK(sandbox.run({"cancel", "--session", "s1", "--yes"}).exit_status == 0);
    CHECK(sandbox.status(first)["status"] == "cancelled");
    CHECK(sandbox.status(second)["status"] == "queued");
    CHECK(sandbox.run({"wait", "--session", "s1"}).exit_status == 0);
    CHECK(sandbox.run({"rm", "--session", "s1", "--yes"}).exit_status == 0);
    CHECK(sandbox.run({"list", "--session", "s1", "--ids"}).out.empty());
}

TEST_CASE("a tool call belongs to the conversation that its host names, else to the server's") {
    Sandbox sandbox;
    sandbox.make_ledger();
    const std::string first = submit_through_mcp(sandbox, {{"threadId", "t1"}});
    CHECK(session_of(sandbox, first) == "\"t1\"");
    CHECK(sandbox.status(first)["labels"]["session"] == "t1");
    CHECK(session_of(sandbox, submit_through_mcp(sandbox, json::object())) == "null");
    sandbox.environment()["CLAUDE_CODE_SESSION_ID"] = "c-1";
    CHECK(session_of(sandbox, submit_through_mcp(sandbox, json::object())) == "\"c-1\"");
    CHECK(session_of(sandbox, submit_through_mcp(sandbox, {{"threadId", "t2"}})) == "\"t2\"");
}

TEST_CASE("events -f --session prints a line per change until the session's last job has ended") {
    const Sandbox sandbox;
    const std::string first = sandbox.create({"--session", "s1", "--start"});
    sandbox.create({"--session", "s2", "--start"});
    Running follower =
        sandbox.start({"events", "--follow", "--session", "s1", "--until-idle", "--json"});
    REQUIRE(follower.wait_for("\"submit\""));
    // A job that is submitted meanwhile counts, too.
    const std::string second = sandbox.create({"--session", "s1", "--start"});
    REQUIRE(follower.wait_for(second));
    finish(sandbox, first);
    REQUIRE(follower.wait_for("\"done\""));
    finish(sandbox, second, "--error=broken");
    const Ran ran = follower.wait();
    CHECK(ran.exit_status == 0);
    const auto events = json_lines(ran.out);
    REQUIRE(events.size() == 4);
    CHECK(events[2]["job_id"] == first);
    CHECK(events[2]["to"] == "done");
    CHECK(events[3]["job_id"] == second);
    CHECK(events[3]["to"] == "error");
    // Nothing of it is active any more: its history, and the end.
    CHECK(
        sandbox.run({"events", "-f", "--session", "s1", "--until-idle", "--json"}).out == ran.out);
}

TEST_CASE("events -f --until-idle reaps a job of the session whose supervisor has died") {
    const Sandbox sandbox;
    Running run = sandbox.start({"run", "--session", "s1", "--", "sh", "-c", "echo up; exec cat"});
    REQUIRE(run.wait_for("up"));
    run.kill_now();
    const Ran ran = sandbox.run({"events", "-f", "--session", "s1", "--until-idle", "--json"});
    CHECK(ran.exit_status == 0);
    CHECK(json_lines(ran.out).back()["reason"] == "worker_lost");
}

TEST_CASE("events --ended prints one line for each end of a job") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit("exit 3", {"--on-end", "exit 1"});
    sandbox.drain();
    REQUIRE(sandbox.run({"retry", job}).exit_status == 0);
    sandbox.drain();
    const auto events = json_lines(sandbox.run({"events", "--ended", "--json"}).out);
    REQUIRE(events.size() == 2);
    for (const json& event : events) {
        CHECK(event["type"] == "finish");
        CHECK(event["to"] == "error");
    }
}

TEST_CASE("with --cursor-file an end is printed once, whichever process reads next") {
    const Sandbox sandbox;
    const std::string cursor = sandbox.dir() / "cursor";
    const std::vector<std::string> args = {"events", "--session",     "s1",  "--ended",
                                           "--json", "--cursor-file", cursor};
    sandbox.make_ledger();
    CHECK(sandbox.run(args).out.empty());
    const std::string first = sandbox.create({"--session", "s1", "--start"});
    finish(sandbox, first);
    CHECK_THAT(sandbox.run(args).out, Contains(first));
    CHECK(sandbox.run(args).out.empty());
    // A reader that is killed has lost nothing.
    std::vector<std::string> following = args;
    following.emplace_back("--follow");
    Running killed = sandbox.start(following);
    const std::string second = sandbox.create({"--session", "s1", "--start"});
    killed.kill_now();
    finish(sandbox, second);
    CHECK_THAT(sandbox.run(args).out, Contains(second) && !Contains(first));
    CHECK(sandbox.run(args).out.empty());
    REQUIRE(sandbox.exec({"sh", "-c", "echo x > " + cursor}).exit_status == 0);
    const Ran refused = sandbox.run(args);
    CHECK(refused.exit_status == 2);
    CHECK_THAT(refused.err, Contains("does not hold an event number"));
}

namespace {

/// Ends `count` jobs of session s1; returns the id of the last.
std::string end_jobs(const Sandbox& sandbox, int count) {
    std::string job;
    for (int n = 0; n < count; ++n) {
        job = sandbox.create({"--session", "s1", "--start"});
        finish(sandbox, job);
    }
    return job;
}

void remove_ledger(const Sandbox& sandbox) {
    REQUIRE(sandbox.shell("rm -r \"$HOME\"/ledger.db*").exit_status == 0);
}

}  // namespace

TEST_CASE("with --cursor-file the ends of a replaced ledger are printed, however many it has") {
    const Sandbox sandbox;
    const std::string cursor = sandbox.dir() / "cursor";
    const std::vector<std::string> args = {"events", "--session",     "s1",  "--ended",
                                           "--json", "--cursor-file", cursor};
    end_jobs(sandbox, 3);
    REQUIRE(json_lines(sandbox.run(args).out).size() == 3);
    remove_ledger(sandbox);
    const int jobs = GENERATE(1, 3, 5);
    CAPTURE(jobs);
    end_jobs(sandbox, jobs);
    const Ran ran = sandbox.run(args);
    CHECK(ran.exit_status == 0);
    CHECK(json_lines(ran.out).size() == static_cast<std::size_t>(jobs));
    CHECK_THAT(ran.err, Contains("the ledger was replaced or restored"));
    const Ran again = sandbox.run(args);
    CHECK(again.out.empty());
    CHECK(again.err.empty());
}

TEST_CASE("with --cursor-file a restored ledger's new ends are printed, and not its old ones") {
    const Sandbox sandbox;
    const std::string cursor = sandbox.dir() / "cursor";
    const std::string copy = sandbox.dir() / "copy.db";
    const std::vector<std::string> args = {"events", "--ended", "--json", "--cursor-file", cursor};
    end_jobs(sandbox, 1);
    REQUIRE(sandbox.run({"backup", copy, "-q"}).exit_status == 0);
    end_jobs(sandbox, 1);
    REQUIRE(json_lines(sandbox.run(args).out).size() == 2);
    remove_ledger(sandbox);
    REQUIRE(sandbox.exec({"cp", copy, sandbox.ledger()}).exit_status == 0);
    CHECK(sandbox.run(args).out.empty());
    const std::string later = end_jobs(sandbox, 2);
    const auto events = json_lines(sandbox.run(args).out);
    REQUIRE(events.size() == 2);
    CHECK(events[1]["job_id"] == later);
}

TEST_CASE("a cursor file with a number alone, or nothing, is one; what is beyond the end is said") {
    const Sandbox sandbox;
    const std::string cursor = sandbox.dir() / "cursor";
    const std::vector<std::string> args = {"events", "--json", "--cursor-file", cursor};
    end_jobs(sandbox, 1);
    const auto holding = [&](const std::string& text) {
        REQUIRE(sandbox.exec({"sh", "-c", "printf '" + text + "' > " + cursor}).exit_status == 0);
        return sandbox.run(args);
    };
    const std::size_t all = json_lines(holding("").out).size();
    CHECK(json_lines(holding("1\\n").out).size() == all - 1);
    const Ran beyond = holding("1000\\n");
    CHECK(json_lines(beyond.out).size() == all);
    CHECK_THAT(beyond.err, Contains("showing all its events"));
    // No temporary file is left beside it.
    CHECK(sandbox.exec({"sh", "-c", "ls " + cursor + "*"}).out == cursor + "\n");
    const Ran since = sandbox.run({"events", "--since", "1000"});
    CHECK(since.exit_status == 0);
    CHECK(since.out.empty());
    CHECK_THAT(since.err, Contains("the ledger's last event is"));
}

TEST_CASE("events -f exits by itself once nobody reads it") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    // The shell waits for both ends of the pipe.
    const Ran ran = sandbox.shell(
        "{ $atlasjob events --follow; echo $? >\"$HOME/status\"; } | true; cat \"$HOME/status\"");
    CHECK(ran.out == "0\n");
}

TEST_CASE("events refuses options that contradict each other") {
    const Sandbox sandbox;
    sandbox.create();
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"events", "1", "--session", "s"},
          {"events", "--session", ""},
          {"events", "--until-idle"},
          {"events", "--since", "1", "--cursor-file", "c"}}) {
        CAPTURE(args.back());
        CHECK(sandbox.run(args).exit_status == 2);
    }
}
