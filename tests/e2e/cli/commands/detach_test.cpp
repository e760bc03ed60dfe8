#include "base/file.h"
#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

namespace {

/// Starts a command so; returns its job_id.
std::string detach(const Sandbox& sandbox, Words options, const Words& command) {
    options.insert(options.begin(), {"run", "--detach"});
    options.emplace_back("--");
    options.insert(options.end(), command.begin(), command.end());
    const Ran ran = sandbox.run(options);
    INFO(ran.err);
    REQUIRE(ran.exit_status == 0);
    CHECK(ran.err.empty());
    return ran.line();
}

std::string detach_script(const Sandbox& sandbox, const std::string& script, Words options = {}) {
    return detach(sandbox, std::move(options), {"sh", "-c", script});
}

pid_t supervisor_of(const Sandbox& sandbox, const std::string& job) {
    return sandbox.status(job)["worker"]["pid"].get<pid_t>();
}

std::vector<fs::path> pipes_of(const Sandbox& sandbox) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(sandbox.ledger() + ".logs"))
        if (entry.is_fifo()) found.push_back(entry.path());
    return found;
}

/// A job's output as it comes.
Running follow(const Sandbox& sandbox, const std::string& job) {
    return sandbox.start({"logs", "-f", job});
}

/// What follows the name in /proc/PID/stat: state, parent, group, session, terminal.
std::vector<std::string> stat_of(pid_t pid) {
    const std::string stat =
        atlasjob::read_file("/proc/" + std::to_string(pid) + "/stat").value_or("");
    std::vector<std::string> words;
    std::istringstream rest{stat.substr(stat.rfind(')') + 1)};
    for (std::string word; words.size() < 5 && rest >> word;)
        words.push_back(word);
    return words;
}

void cancel(const Sandbox& sandbox, const std::string& job) {
    CHECK(sandbox.run({"cancel", job, "--grace", "1h", "--wait"}).exit_status == 0);
}

}  // namespace

TEST_CASE("A detached command goes on though its caller is killed once it has the answer") {
    const Sandbox sandbox;
    Running caller = sandbox.start(
        {"run", "--detach", "--interactive", "--", "sh", "-c", "read -r line; echo got $line"});
    REQUIRE(caller.wait_for("\n"));
    caller.kill_now();
    const auto job = sandbox.status("last");
    CHECK(job["status"] == "running");
    CHECK(job["attempt"] == 1);
    CHECK(sandbox.run({"send", "last", "this"}).exit_status == 0);
    CHECK(sandbox.run({"wait", "last"}).exit_status == 0);
    CHECK(sandbox.run({"logs", "last"}).out == "got this\n");
    CHECK(sandbox.status("last")["exit_code"] == 0);
}

TEST_CASE("A detached command answers with its job, and runs with no worker") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", "--detach", "--json", "--kind", "k", "--", "true"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.json()["seq"] == 1);
    CHECK(ran.json()["kind"] == "k");
    CHECK(ran.json()["attempt"] == 1);
    CHECK(sandbox.run({"wait", "1"}).exit_status == 0);
    CHECK(detach(sandbox, {"-q"}, {"true"}).size() == 36);
}

TEST_CASE("A detached command gets the directory, environment, umask and input of its caller") {
    Sandbox sandbox;
    sandbox.environment()["COLOUR"] = "green";
    fs::create_directory(sandbox.dir() / "here");
    const Ran ran = sandbox.shell(
        "cd " + (sandbox.dir() / "here")
        + "; umask 027; echo given | $atlasjob run --detach --stdin - --env X=1 -- sh -c 'pwd; "
          "umask; echo $COLOUR $X; cat'");
    REQUIRE(ran.exit_status == 0);
    CHECK(sandbox.run({"wait", ran.line()}).exit_status == 0);
    CHECK(
        sandbox.run({"logs", "last"}).out == (sandbox.dir() / "here") + "\n0027\ngreen 1\ngiven\n");
}

TEST_CASE("Neither the supervisor nor the command has a descriptor or terminal of the caller") {
    const Sandbox sandbox;
    const std::string mark = sandbox.dir() / "mark";
    // The outer command has a terminal, and a file open that everything it starts gets.
    const Ran outer = sandbox.shell(
        "export atlasjob; $atlasjob run --tty -- sh -c 'exec 9>" + mark
        + "; $atlasjob run --detach -- sh -c \"ls -l /proc/self/fd; exec sleep 600\"'");
    REQUIRE(outer.exit_status == 0);
    Running output = follow(sandbox, "last");
    REQUIRE(output.wait_for(" 3 -> pipe:"));
    const auto job = sandbox.status("last");
    REQUIRE(job["seq"] == 2);
    CHECK(job["status"] == "running");  // It is not a stray of the outer job either.
    const auto pid = job["worker"]["pid"].get<pid_t>();
    const auto stat = stat_of(pid);
    REQUIRE(stat.size() == 5);
    CHECK(stat[3] == std::to_string(pid));
    CHECK(stat[4] == "0");
    const std::string process = "/proc/" + std::to_string(pid);
    for (const auto& descriptor : fs::directory_iterator(process + "/fd"))
        CHECK(fs::read_symlink(descriptor.path()) != mark);
    for (const char* standard : {"/fd/0", "/fd/1", "/fd/2"})
        CHECK(fs::read_symlink(process + standard) == "/dev/null");
    CHECK(fs::read_symlink(process + "/cwd") == "/");
    cancel(sandbox, "last");
    const std::string listed = output.wait().out;
    CHECK_THAT(listed, Contains(" 0 -> /dev/null") && !Contains(mark) && !Contains("/dev/pts"));
}

TEST_CASE("An interactive job answers everybody who may use the ledger, as often as they like") {
    const Sandbox sandbox;
    const std::string job = detach(sandbox, {"--interactive"}, {"cat"});
    const auto pipes = pipes_of(sandbox);
    REQUIRE(pipes.size() == 1);
    CHECK(fs::status(pipes[0]).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    Running output = follow(sandbox, job);
    CHECK(sandbox.run({"send", job, "first"}).exit_status == 0);
    CHECK(output.wait_for("first\n"));
    CHECK(sandbox.run({"send", job, "--", "--second"}).exit_status == 0);
    CHECK(output.wait_for("--second\n"));
    CHECK(sandbox.run({"send", job}, "a\nb\nno line end").exit_status == 0);
    CHECK(output.wait_for("a\nb\n"));
    CHECK(sandbox.run({"send", job, ""}).exit_status == 0);
    CHECK(output.wait_for("no line end\n"));
    cancel(sandbox, job);
    CHECK(pipes_of(sandbox).empty());
    const Ran late = sandbox.run({"send", job, "late"});
    CHECK(late.exit_status == 6);
    CHECK_THAT(late.err, Contains("job 1 has ended"));
}

TEST_CASE("A Python at its prompt is spoken with line by line") {
    const Sandbox sandbox;
    const std::string job = detach(sandbox, {"--interactive"}, {kPython, "-i", "-q", "-u"});
    Running output = follow(sandbox, job);
    CHECK(sandbox.run({"send", job, "print(6 * 7)"}).exit_status == 0);
    CHECK(output.wait_for("42\n"));
    CHECK(sandbox.run({"send", job, "n = 'kept'"}).exit_status == 0);
    CHECK(sandbox.run({"send", job, "print(n * 2)"}).exit_status == 0);
    CHECK(output.wait_for("keptkept\n"));
    CHECK(sandbox.run({"send", job, "exit(3)"}).exit_status == 0);
    CHECK(sandbox.run({"wait", job}).exit_status == 1);
    CHECK(sandbox.status(job)["exit_code"] == 3);
    CHECK(pipes_of(sandbox).empty());
}

TEST_CASE("A file that is longer than any pipe goes through whole") {
    const Sandbox sandbox;
    const std::string job = detach_script(sandbox, "wc -c", {"--interactive"});
    // wc sees no end of it, so head ends when it has all.
    const std::string counter =
        detach_script(sandbox, "head -c 1000000 | cksum", {"--interactive"});
    std::string much;
    while (much.size() < 1'000'000)
        much += "a line of no great length\n" + std::string(much.size() % 9'000, 'x');
    much.resize(1'000'000);
    CHECK(sandbox.run({"send", counter}, much).exit_status == 0);
    CHECK(sandbox.run({"wait", counter}).exit_status == 0);
    CHECK(sandbox.run({"logs", counter}).out == sandbox.exec({"cksum"}, much).out);
    cancel(sandbox, job);
}

TEST_CASE("What cannot be sent is refused with the reason") {
    const Sandbox sandbox;
    const std::string plain = detach(sandbox, {}, {"sleep", "600"});
    const Ran not_interactive = sandbox.run({"send", plain, "x"});
    CHECK(not_interactive.exit_status == 6);
    CHECK_THAT(
        not_interactive.err, Contains("is not reading its input") && Contains("--interactive"));
    const std::string queued = sandbox.submit("true");
    CHECK_THAT(sandbox.run({"send", queued, "x"}).err, Contains("is not running yet"));
    const Ran unknown = sandbox.run({"send", "99", "x"});
    CHECK(unknown.exit_status == 4);
    const Ran foreign = sandbox.run({"send", "1", "x", "--principal", "bob"});
    CHECK(foreign.exit_status == 4);
    CHECK(sandbox.run({"send"}).exit_status == 2);
    const std::string deaf =
        detach_script(sandbox, "exec <&-; echo closed; exec sleep 600", {"--interactive"});
    Running output = follow(sandbox, deaf);
    REQUIRE(output.wait_for("closed\n"));
    CHECK(sandbox.run({"send", deaf, "x"}).exit_status == 6);
    cancel(sandbox, plain);
    cancel(sandbox, deaf);
}

TEST_CASE("What does not go together is refused before anything is made") {
    const Sandbox sandbox;
    for (const Words& options :
         {Words{"--interactive"}, Words{"--detach", "--tty"},
          Words{"--detach", "--interactive", "--stdin", "/dev/null"},
          Words{"--detach", "--after", "1"}, Words{"--detach", "--no-such-option"}}) {
        Words words{"run"};
        words.insert(words.end(), options.begin(), options.end());
        words.insert(words.end(), {"--", "true"});
        CHECK(sandbox.run(words).exit_status == 2);
    }
    CHECK(sandbox.run({"run", "--detach"}).exit_status == 2);
    CHECK(sandbox.untouched());
}

TEST_CASE("What fails before there is a job is told by the caller") {
    const Sandbox sandbox;
    const std::string nowhere = "/proc/no/ledger.db";
    const Ran text = sandbox.run({"run", "--detach", "--ledger", nowhere, "--", "true"});
    CHECK(text.exit_status == 125);
    CHECK(text.out.empty());
    CHECK_THAT(text.err, Contains("atlasjob: ") && Contains("/proc/no"));
    const Ran json = sandbox.run({"run", "--detach", "--json", "--ledger", nowhere, "--", "true"});
    CHECK(json.exit_status == 125);
    CHECK(json.error_json()["code"] == "unavailable");
    const std::string job = detach(sandbox, {"--key", "k"}, {"sleep", "600"});
    const Ran again = sandbox.run({"run", "--detach", "--key", "k", "--", "true"});
    CHECK(again.exit_status == 125);
    CHECK_THAT(again.err, Contains("job 1 with this key is active"));
    cancel(sandbox, job);
}

TEST_CASE("A detached command that cannot start is a job that tells why") {
    const Sandbox sandbox;
    const std::string job = detach(sandbox, {}, {"no-such-program-at-all"});
    CHECK(sandbox.run({"wait", job}).exit_status == 1);
    CHECK(sandbox.status(job)["reason"] == "start_failed");
}

TEST_CASE("A detached job that is cancelled is cancelled whatever it exits with, to the last one") {
    const Sandbox sandbox;
    const std::string job =
        detach_script(sandbox, "trap 'exit 0' TERM; setsid sh -c 'echo $$; exec sleep 600' & wait");
    Running output = follow(sandbox, job);
    REQUIRE(output.wait_for("\n"));
    cancel(sandbox, job);
    const auto ended = sandbox.status(job);
    CHECK(ended["status"] == "cancelled");
    const std::string grandchild = output.wait().line();
    CHECK_FALSE(fs::exists("/proc/" + grandchild));
}

TEST_CASE("When its supervisor is killed a job is lost, and nothing of it stays") {
    const Sandbox sandbox;
    // It would read on for ever: the end of its input is what its supervisor's death looks like.
    const std::string job = detach_script(
        sandbox, "setsid sleep 600 & echo $!; while true; do read -r line; done",
        {"--interactive"});
    Running output = follow(sandbox, job);
    REQUIRE(output.wait_for("\n"));
    REQUIRE(kill(supervisor_of(sandbox, job), SIGKILL) == 0);
    // Whoever waits settles it, as gc does.
    CHECK(sandbox.run({"wait", job}).exit_status == 5);
    CHECK(sandbox.run({"gc"}).exit_status == 0);
    const auto lost = sandbox.status(job);
    CHECK(lost["status"] == "error");
    CHECK(lost["reason"] == "worker_lost");
    CHECK(pipes_of(sandbox).empty());
    const auto grandchild = stat_of(std::stoi(output.wait().out));
    CHECK((grandchild.empty() || grandchild[0] == "Z"));
}

TEST_CASE("A supervisor that is told to end ends its command first, and says so") {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        const Sandbox sandbox;
        const std::string job = detach(sandbox, {}, {"sleep", "600"});
        REQUIRE(kill(supervisor_of(sandbox, job), number) == 0);
        CHECK(sandbox.run({"wait", job}).exit_status == 1);
        CHECK(sandbox.status(job)["reason"] == "shutdown");
    }
}
