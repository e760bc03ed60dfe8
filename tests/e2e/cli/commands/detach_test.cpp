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
using Args = std::vector<std::string>;

namespace {

/// Runs a command with --detach; returns its job_id.
std::string detach(const Sandbox& sandbox, Args options, const Args& command) {
    options.insert(options.begin(), {"run", "--detach"});
    options.emplace_back("--");
    options.insert(options.end(), command.begin(), command.end());
    const Ran ran = sandbox.run(options);
    INFO(ran.err);
    REQUIRE(ran.exit_status == 0);
    CHECK(ran.err.empty());
    return ran.line();
}

std::string detach_script(const Sandbox& sandbox, const std::string& script, Args options = {}) {
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

/// Follows a job's output.
Running follow(const Sandbox& sandbox, const std::string& job) {
    return sandbox.start({"logs", "-f", job});
}

/// The fields of /proc/PID/stat after the name: state, parent, process group, session, terminal.
std::vector<std::string> stat_of(pid_t pid) {
    const std::string stat =
        atlasjob::read_file("/proc/" + std::to_string(pid) + "/stat").value_or("");
    std::vector<std::string> args;
    std::istringstream rest{stat.substr(stat.rfind(')') + 1)};
    for (std::string word; args.size() < 5 && rest >> word;)
        args.push_back(word);
    return args;
}

void cancel(const Sandbox& sandbox, const std::string& job) {
    CHECK(sandbox.run({"cancel", job, "--grace", "1h", "--wait"}).exit_status == 0);
}

}  // namespace

TEST_CASE("a detached command survives the kill of its caller") {
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

TEST_CASE("run --detach prints the job and needs no worker") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", "--detach", "--json", "--kind", "k", "--", "true"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.json()["seq"] == 1);
    CHECK(ran.json()["kind"] == "k");
    CHECK(ran.json()["attempt"] == 1);
    CHECK(sandbox.run({"wait", "1"}).exit_status == 0);
    CHECK(detach(sandbox, {"-q"}, {"true"}).size() == 36);
}

TEST_CASE("a detached command inherits the caller's directory, environment, umask and input") {
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

TEST_CASE("a detached supervisor and its command inherit no descriptor or terminal of the caller") {
    const Sandbox sandbox;
    const std::string mark = sandbox.dir() / "mark";
    // The outer command has a terminal, and an open file that its children inherit.
    const Ran outer = sandbox.shell(
        "export atlasjob; $atlasjob run --tty -- sh -c 'exec 9>" + mark
        + "; $atlasjob run --detach -- sh -c \"ls -l /proc/self/fd; exec sleep 600\"'");
    REQUIRE(outer.exit_status == 0);
    Running output = follow(sandbox, "last");
    REQUIRE(output.wait_for(" 3 -> pipe:"));
    const auto job = sandbox.status("last");
    REQUIRE(job["seq"] == 2);
    CHECK(job["status"] == "running");  // Nor is it a descendant of the outer job.
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

TEST_CASE("an interactive job accepts any number of send calls") {
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

TEST_CASE("send talks to an interactive Python line by line") {
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

TEST_CASE("input that is larger than the pipe buffer is sent completely") {
    const Sandbox sandbox;
    const std::string job = detach_script(sandbox, "wc -c", {"--interactive"});
    // wc never sees the end of its input; head exits after a million bytes.
    const std::string counter =
        detach_script(sandbox, "head -c 1000000 | cksum", {"--interactive"});
    std::string input;
    while (input.size() < 1'000'000)
        input += "a short line\n" + std::string(input.size() % 9'000, 'x');
    input.resize(1'000'000);
    CHECK(sandbox.run({"send", counter}, input).exit_status == 0);
    CHECK(sandbox.run({"wait", counter}).exit_status == 0);
    CHECK(sandbox.run({"logs", counter}).out == sandbox.exec({"cksum"}, input).out);
    cancel(sandbox, job);
}

TEST_CASE("send to a job that reads no input is refused with the reason") {
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
    const std::string closed =
        detach_script(sandbox, "exec <&-; echo closed; exec sleep 600", {"--interactive"});
    Running output = follow(sandbox, closed);
    REQUIRE(output.wait_for("closed\n"));
    CHECK(sandbox.run({"send", closed, "x"}).exit_status == 6);
    cancel(sandbox, plain);
    cancel(sandbox, closed);
}

TEST_CASE("incompatible options of run --detach are refused before anything is created") {
    const Sandbox sandbox;
    for (const Args& options :
         {Args{"--interactive"}, Args{"--detach", "--tty"},
          Args{"--detach", "--interactive", "--stdin", "/dev/null"},
          Args{"--detach", "--after", "1"}, Args{"--detach", "--no-such-option"}}) {
        Args args{"run"};
        args.insert(args.end(), options.begin(), options.end());
        args.insert(args.end(), {"--", "true"});
        CHECK(sandbox.run(args).exit_status == 2);
    }
    CHECK(sandbox.run({"run", "--detach"}).exit_status == 2);
    CHECK(sandbox.untouched());
}

TEST_CASE("an error before the job is created is reported by run --detach itself") {
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

TEST_CASE("a detached command that cannot start leaves a job with reason start_failed") {
    const Sandbox sandbox;
    const std::string job = detach(sandbox, {}, {"no-such-program-at-all"});
    CHECK(sandbox.run({"wait", job}).exit_status == 1);
    CHECK(sandbox.status(job)["reason"] == "start_failed");
}

TEST_CASE(
    "a cancelled detached job ends as cancelled with all its descendants, whatever it exits with") {
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

TEST_CASE("a detached job whose supervisor is killed is reaped with all its processes") {
    const Sandbox sandbox;
    // It never stops reading: the supervisor's death only closes its input.
    const std::string job = detach_script(
        sandbox, "setsid sleep 600 & echo $!; while true; do read -r line; done",
        {"--interactive"});
    Running output = follow(sandbox, job);
    REQUIRE(output.wait_for("\n"));
    REQUIRE(kill(supervisor_of(sandbox, job), SIGKILL) == 0);
    // wait reaps it, as gc does.
    CHECK(sandbox.run({"wait", job}).exit_status == 5);
    CHECK(sandbox.run({"gc"}).exit_status == 0);
    const auto lost = sandbox.status(job);
    CHECK(lost["status"] == "error");
    CHECK(lost["reason"] == "worker_lost");
    CHECK(pipes_of(sandbox).empty());
    const auto grandchild = stat_of(std::stoi(output.wait().out));
    CHECK((grandchild.empty() || grandchild[0] == "Z"));
}

TEST_CASE("a detached supervisor that gets a signal stops its command and records the shutdown") {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        const Sandbox sandbox;
        const std::string job = detach(sandbox, {}, {"sleep", "600"});
        REQUIRE(kill(supervisor_of(sandbox, job), number) == 0);
        CHECK(sandbox.run({"wait", job}).exit_status == 1);
        CHECK(sandbox.status(job)["reason"] == "shutdown");
    }
}
