#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr std::size_t kIdLength = 36;

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

}  // namespace

TEST_CASE("submit prints only the job_id, and a worker runs the command as it was submitted") {
    Sandbox sandbox;
    sandbox.environment()["COLOUR"] = "blue";
    std::filesystem::create_directory(sandbox.dir() / "there");
    const Ran ran = sandbox.shell(
        "cd \"$HOME/there\" && umask 027 && $atlasjob submit --name n --label a=b -- sh -c "
        "'pwd; umask; echo $COLOUR; cat; ls /proc/self/fd | wc -l'");
    CHECK(ran.exit_status == 0);
    CHECK(ran.err.empty());
    REQUIRE(ran.out.size() == kIdLength + 1);
    CHECK(sandbox.status(ran.line())["status"] == "queued");
    sandbox.environment()["COLOUR"] = "red";
    sandbox.drain();
    const auto job = sandbox.status(ran.line());
    CHECK(job["status"] == "done");
    CHECK(job["name"] == "n");
    CHECK(job["labels"]["a"] == "b");
    // 0, 1, 2, the report channel and ls's own.
    CHECK(sandbox.run({"logs", "last"}).out == sandbox.dir() / "there" + "\n0027\nblue\n5\n");
}

TEST_CASE("submit starts one worker if none is running") {
    Sandbox sandbox;
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    sandbox.submit("exit 0");
    sandbox.submit("exit 0");
    CHECK(sandbox.run({"wait", "1", "2"}).exit_status == 0);
    const auto doctor = sandbox.run({"doctor", "--json"}).json();
    std::string workers;
    for (const auto& finding : doctor["findings"]) {
        if (finding["subject"] == "workers") workers = finding["text"];
    }
    CHECK_THAT(workers, StartsWith("pid ") && !Contains(";"));
    sandbox.stop_workers();
}

TEST_CASE("the on-demand worker can be disabled in the config file") {
    Sandbox sandbox;
    sandbox.environment().erase("ATLASJOB_ON_DEMAND_WORKER");
    std::filesystem::create_directories(sandbox.dir() / ".config/atlasjob");
    std::ofstream{sandbox.dir() / ".config/atlasjob/config.toml"} << "on-demand-worker = false\n";
    sandbox.submit("exit 0");
    CHECK_THAT(sandbox.run({"doctor"}).out, Contains("none running, but 1 queued jobs need one"));
    CHECK_THAT(sandbox.run({"status", "1"}).out, Contains("no worker serves queue default"));
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "perhaps";
    CHECK(sandbox.run({"submit", "--", "true"}).exit_status == 2);
}

TEST_CASE("fifty concurrent submits with one key get one job, and a later one gets another") {
    Sandbox sandbox;
    const char* const fifty =
        "for i in $(seq 50); do $atlasjob submit --key nightly -- true & done; wait";
    const auto first = lines_of(sandbox.shell(fifty).out);
    CHECK(first.size() == 50);
    CHECK(std::set<std::string>(first.begin(), first.end()).size() == 1);
    CHECK(sandbox.run({"list", "--json"}).json()["total"] == 1);
    sandbox.drain();
    CHECK(sandbox.run({"submit", "--key", "nightly", "--", "true"}).line() != first[0]);
}

TEST_CASE("a job runs after its dependencies, and is cancelled if one of them failed") {
    const Sandbox sandbox;
    const std::string order = sandbox.dir() / "order";
    const std::string first = sandbox.submit("echo 1 >> " + order, {"--priority", "-5"});
    sandbox.submit("echo 2 >> " + order, {"--after", first});
    sandbox.submit("exit 1");
    sandbox.submit("echo never >> " + order, {"--after", "3", "--after", "2"});
    sandbox.submit("echo never >> " + order, {"--after", "last"});
    CHECK_THAT(
        sandbox.run({"status", "2"}).out,
        Contains("Pending because:\n  it waits for job #1, which is queued\n"));
    sandbox.drain();
    CHECK(atlasjob::read_file(order) == "1\n2\n");
    for (const char* const job : {"4", "5"}) {
        CHECK(sandbox.status(job)["status"] == "cancelled");
        CHECK(sandbox.status(job)["reason"] == "dependency");
        CHECK(sandbox.run({"wait", job}).exit_status == 3);
    }
}

TEST_CASE("an unknown or foreign dependency is refused by name") {
    const Sandbox sandbox;
    sandbox.create({"--principal", "bob"});
    for (const char* const other : {"1", "77", "01a20320-a2fb-7a02-b2c2-1d3e4f506071"}) {
        const Ran ran = sandbox.run({"submit", "--after", other, "--", "true"});
        CHECK(ran.exit_status == 4);
        CHECK_THAT(ran.err, Contains(std::string{"no job "} + other));
    }
    CHECK(sandbox.run({"submit", "--after", "two", "--", "true"}).exit_status == 2);
    CHECK(sandbox.run({"list", "--admin", "--json"}).json()["total"] == 1);
}

TEST_CASE("a job is not started before its --at or --in time") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--in", "1h"});
    sandbox.submit("exit 0", {"--at", "2020-01-01T00:00:00Z"});
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
    CHECK(sandbox.status("1")["run_after"].is_string());
    CHECK_THAT(sandbox.run({"status", "1"}).out, Contains("it is not due yet: it starts in 59m"));
    CHECK(sandbox.status("2")["status"] == "done");
}

TEST_CASE("retries are further attempts of the same job") {
    const Sandbox sandbox;
    sandbox.submit("[ $ATLASJOB_ATTEMPT -eq 3 ]", {"--retries", "5", "--backoff", "0s"});
    sandbox.drain();
    const auto job = sandbox.status("1");
    CHECK(job["status"] == "done");
    CHECK(job["attempt"] == 3);
    CHECK(job["max_attempts"] == 6);
}

TEST_CASE("submit --stdin stores the input with the job") {
    const Sandbox sandbox;
    const std::string file = sandbox.dir() / "input";
    std::ofstream{file} << "from a file\n";
    CHECK(sandbox.run({"submit", "--stdin", file, "--", "cat"}).exit_status == 0);
    CHECK(sandbox.run({"run", "--stdin", file, "--", "cat"}, "not this").out == "from a file\n");
    std::filesystem::remove(file);
    CHECK(sandbox.run({"submit", "--stdin", "-", "--", "cat"}, "piped\n").exit_status == 0);
    sandbox.drain();
    CHECK(sandbox.run({"logs", "1"}).out == "from a file\n");
    CHECK(sandbox.run({"logs", "3"}).out == "piped\n");
    CHECK(sandbox.run({"submit", "--stdin", file, "--", "cat"}).exit_status == 2);
}

TEST_CASE("submit --like copies a job except for the options given") {
    Sandbox sandbox;
    sandbox.environment()["COLOUR"] = "blue";
    sandbox.submit(
        "echo $COLOUR $SIZE", {"--label", "a=1", "--label", "b=2", "--kind", "k", "--retries", "1",
                               "--target", "{\"n\":1.0}", "--timeout", "1h"});
    sandbox.environment()["COLOUR"] = "red";
    const Ran ran = sandbox.run(
        {"submit", "--like", "1", "--label", "b=3", "--env", "SIZE=9", "--queue", "gpu"});
    REQUIRE(ran.exit_status == 0);
    sandbox.drain();
    const auto before = sandbox.status("1");
    const auto job = sandbox.status(ran.line());
    CHECK(job["labels"] == nlohmann::json{{"a", "1"}, {"b", "3"}});
    CHECK(job["queue"] == "gpu");
    for (const char* const same :
         {"kind", "target", "max_attempts", "timeout_ms", "cwd", "command"})
        CHECK(job[same] == before[same]);
    CHECK(sandbox.run({"logs", "2"}).out == "blue 9\n");
    CHECK(sandbox.run({"submit", "--like", "1", "--", "echo", "other"}).exit_status == 0);
    CHECK(sandbox.status("3")["command"] == nlohmann::json{"echo", "other"});
    CHECK(sandbox.run({"submit", "--like", "99"}).exit_status == 4);
    sandbox.create();
    CHECK(sandbox.run({"submit", "--like", "last"}).exit_status == 6);
}

TEST_CASE("a batch is submitted atomically, and its ids are printed in order") {
    const Sandbox sandbox;
    sandbox.submit("exit 0");
    const Ran ran = sandbox.run(
        {"submit", "--batch", "-", "--queue", "bulk"},
        "{\"command\":[\"echo\",\"a\"],\"label\":{\"n\":\"1\"}}\n\n"
        "{\"command\":[\"echo\",\"b\"],\"after\":[1],\"queue\":\"other\"}\n");
    CHECK(ran.exit_status == 0);
    const auto ids = lines_of(ran.out);
    REQUIRE(ids.size() == 2);
    CHECK(sandbox.status(ids[0])["seq"] == 2);
    CHECK(sandbox.status(ids[0])["queue"] == "bulk");
    CHECK(sandbox.status(ids[0])["labels"]["n"] == "1");
    CHECK(sandbox.status(ids[1])["seq"] == 3);
    CHECK(sandbox.status(ids[1])["queue"] == "other");
    sandbox.drain();
    CHECK(sandbox.run({"logs", "3"}).out == "b\n");
}

TEST_CASE("an invalid line of a batch is reported by number, and nothing is submitted") {
    const Sandbox sandbox;
    const std::string good = "{\"command\":[\"true\"]}\n";
    const auto refused = [&](const std::string& lines) {
        return sandbox.run({"submit", "--batch", "-"}, lines);
    };
    for (const char* const bad :
         {"{\"command\":[\"true\"],\"prio\":1}", "{\"command\":[\"true\"]",
          "{\"command\":[\"true\"],\"kind\":\"two words\"}",
          "{\"command\":[\"true\"],\"after\":[77]}"}) {
        const Ran ran = refused(fmt::format("{}{}\n{}", good, bad, good));
        INFO(bad);
        CHECK(ran.exit_status == 2);
        CHECK(ran.out.empty());
        CHECK_THAT(ran.err, Contains("line 2 of standard input: "));
    }
    sandbox.create();
    CHECK(sandbox.run({"list", "--json"}).json()["total"] == 1);
    CHECK(sandbox.run({"submit", "--batch", "-", "--", "true"}).exit_status == 2);
    CHECK(sandbox.run({"submit", "--batch", "/no/such/file"}).exit_status == 2);
}

TEST_CASE("a job that cannot start records the error, and the worker continues") {
    const Sandbox sandbox;
    const std::string gone = sandbox.dir() / "gone";
    sandbox.run({"submit", "--cwd", gone, "--", "true"});
    sandbox.run({"submit", "--", "no-such-command"});
    sandbox.submit("exit 0");
    sandbox.drain();
    for (const char* const job : {"1", "2"}) {
        CHECK(sandbox.status(job)["status"] == "error");
        CHECK(sandbox.status(job)["reason"] == "start_failed");
    }
    CHECK_THAT(sandbox.status("1")["error"].get<std::string>(), Contains(gone));
    CHECK_THAT(sandbox.status("2")["error"].get<std::string>(), Contains("no-such-command"));
    CHECK(sandbox.status("3")["status"] == "done");
}

TEST_CASE("a job submitted inside a job gets the variables and channel of its own attempt") {
    const Sandbox sandbox;
    sandbox.submit(
        std::string{"'"} + kProgram
        + "' submit --env OUTER=$ATLASJOB_JOB_ID -- "
        "sh -c 'echo $ATLASJOB_JOB_ID $OUTER; echo \"{\\\"phase\\\":\\\"inner\\\"}\" >&3'");
    sandbox.drain();
    const auto outer = sandbox.status("1");
    const auto inner = sandbox.status("2");
    CHECK(inner["status"] == "done");
    CHECK(inner["phase"] == "inner");
    CHECK(outer["phase"].is_null());
    CHECK(
        sandbox.run({"logs", "2"}).out
        == inner["job_id"].get<std::string>() + ' ' + outer["job_id"].get<std::string>() + '\n');
}

TEST_CASE("a draining worker also runs the jobs that its last job submits") {
    constexpr int kLinks = 20;
    const Sandbox sandbox;
    // Each job submits the next one just before it exits, while the other slot looks for work.
    const std::string script = sandbox.dir() / "chain.sh";
    std::ofstream(script) << "[ \"$1\" -eq 0 ] || exec '" << kProgram
                          << "' submit -- sh \"$0\" $(($1 - 1))\n";
    sandbox.run({"submit", "--", "sh", script, std::to_string(kLinks - 1)});
    sandbox.drain();
    const auto stats = nlohmann::json::parse(sandbox.run({"stats", "--json"}).out);
    CHECK(stats["by_status"]["done"] == kLinks);
    CHECK(stats["total"] == kLinks);
}

TEST_CASE("a usage error of submit is reported before a ledger is created") {
    const Sandbox sandbox;
    const std::vector<std::vector<std::string>> command_lines = {
        {"submit"},
        {"submit", "--"},
        {"submit", "make"},
        {"submit", "--detach-after", "1s", "--", "true"},
        {"submit", "--batch", "-", "--follow"},
        {"submit", "--progress-from", "([", "--", "true"},
        {"submit", "--at", "2030-01-01T00:00:00Z", "--in", "1s", "--", "true"},
        {"submit", "--retries", "-1", "--", "true"},
        {"submit", "--kind", "two words", "--", "true"},
        {"run", "--backoff", "1s", "--", "true"},
        {"create", "--kind", "k", "--cwd", "/"}};
    for (const auto& args : command_lines) {
        const Ran ran = sandbox.run(args);
        INFO(args.back() << ran.err);
        CHECK(ran.exit_status == 2);
        CHECK(ran.out.empty());
    }
    CHECK(sandbox.untouched());
}

TEST_CASE("submit says that an active job with the key was returned instead") {
    const Sandbox sandbox;
    const std::vector<std::string> submit = {"submit", "--key", "k", "--in", "1h", "--", "true"};
    const Ran first = sandbox.run(submit);
    CHECK(first.err.empty());
    const Ran second = sandbox.run(submit);
    CHECK(second.exit_status == 0);
    CHECK(second.out == first.out);
    CHECK(second.err == "atlasjob: job 1 with this key is active: nothing was submitted\n");
    CHECK(sandbox.run({"-q", "submit", "--key", "k", "--", "true"}).err.empty());
    CHECK(sandbox.run({"submit", "--json", "--key", "k", "--", "true"}).json()["created"] == false);
    CHECK(sandbox.run({"submit", "--json", "--key", "l", "--", "true"}).json()["created"] == true);
    CHECK_THAT(sandbox.run({"submit", "--like", "1"}).err, Contains("nothing was submitted"));
    CHECK_THAT(sandbox.run({"create", "--key", "k"}).err, Contains("nothing was submitted"));
    const Ran batch = sandbox.run(
        {"submit", "--batch", "-"}, "{\"command\":[\"a\"],\"key\":\"k\"}\n{\"command\":[\"b\"]}\n");
    CHECK(
        batch.err
        == "atlasjob: line 1 of standard input: job 1 with this key is active: nothing was "
           "submitted\n");
}

TEST_CASE("option --like keeps backoff factor, grace and kill signal unless they are given") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--backoff-factor", "1.5", "--grace", "90s", "--kill-signal", "INT"});
    REQUIRE(
        sandbox.run({"submit", "--like", "1", "--kind", "copy", "--grace", "1w"}).exit_status == 0);
    const auto spec = sandbox.run({"export", "--kind", "copy"}).json()["spec"];
    CHECK(spec["backoff_factor"] == 1.5);
    CHECK(spec["kill_signal"] == "SIGINT");
    CHECK(spec["grace_ms"] == 604'800'000);
}
