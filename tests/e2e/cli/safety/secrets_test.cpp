#include "base/file.h"
#include "base/text.h"
#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;
using Args = std::vector<std::string>;

namespace {

/// Keeps a sanitizer's runtime from handling crashes and changing the core limit.
void let_crash(Sandbox& sandbox) {
    sandbox.environment()["ASAN_OPTIONS"] = "disable_coredump=0:handle_segv=0";
    sandbox.environment()["TSAN_OPTIONS"] = "disable_coredump=0:handle_segv=0";
}

std::string command_line_of(pid_t pid) {
    return read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("");
}

/// The processes with `text` in their command line, which every account can read.
Args command_lines_with(const std::string& text) {
    Args found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string line = read_file(entry.path() / "cmdline").value_or("");
        if (line.find(text) != std::string::npos) found.push_back(entry.path().string() + line);
    }
    return found;
}

pid_t process_of(const Sandbox& sandbox, const std::string& job) {
    return sandbox.status(job)["worker"]["pid"].get<pid_t>();
}

/// The child processes of `pid`.
std::vector<pid_t> children_of(pid_t pid) {
    std::vector<pid_t> children;
    const auto list = read_file(fmt::format("/proc/{}/task/{}/children", pid, pid)).value_or("");
    for (const std::string_view word : split(list, ' '))
        if (const auto child = parse_integer<pid_t>(word)) children.push_back(*child);
    return children;
}

/// The soft core file limit of a process, as /proc shows it.
std::string core_limit_of(pid_t pid) {
    const std::string limits = read_file(fmt::format("/proc/{}/limits", pid)).value_or("");
    constexpr std::string_view kName = "Max core file size";
    const std::size_t at = limits.find(kName);
    if (at == std::string::npos) return {};
    const std::size_t begin = limits.find_first_not_of(' ', at + kName.size());
    return limits.substr(begin, limits.find(' ', begin) - begin);
}

/// An unusual soft limit, in the units of ulimit; empty if the hard limit allows no core files.
std::string own_core_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    return limit.rlim_max >= (1U << 20U) ? "77" : "";
}

void cancel_all(const Sandbox& sandbox) {
    sandbox.run({"cancel", "--status", "running", "--status", "queued", "--yes", "--wait"});
}

}  // namespace

TEST_CASE("a job's options appear in no command line of atlasjob") {
    const Sandbox sandbox;
    const std::string secret = fmt::format("secret-{}", getpid());
    const Args given = {
        "--env",       "TOKEN=" + secret, "--target",       secret,  "--name", secret,   "--label",
        "l=" + secret, "--on-end",        "true " + secret, "--key", secret,   "--kind", "k"};
    const Args command = {"sh", "-c", "echo $TOKEN; exec sleep 600"};
    const auto args = [&](Args verb) {
        verb.insert(verb.end(), given.begin(), given.end());
        verb.emplace_back("--");
        verb.insert(verb.end(), command.begin(), command.end());
        return verb;
    };
    const Ran detached = sandbox.run(args({"run", "--detach", "--principal", secret}));
    INFO(detached.err);
    REQUIRE(detached.exit_status == 0);
    const std::string id = detached.line();
    Running output = sandbox.start({"logs", "-f", "--admin", id});
    REQUIRE(output.wait_for(secret));
    const nlohmann::json job = sandbox.run({"status", "--admin", "--json", id}).json();
    CHECK(job["owner"] == secret);
    CHECK(job["labels"]["l"] == secret);
    const auto supervisor = job["worker"]["pid"].get<pid_t>();
    CHECK(split(command_line_of(supervisor), '\0').at(1) == "supervise");
    CHECK(command_lines_with(secret) == Args{});

    const std::string queued = sandbox.run(args({"submit"})).line();
    Running worker = sandbox.start({"worker", "--slots", "1"});
    Running second = sandbox.start({"logs", "-f", queued});
    REQUIRE(second.wait_for(secret));
    CHECK_THAT(command_line_of(process_of(sandbox, queued)), Contains("slot"));
    CHECK(command_lines_with(secret) == Args{});
    CHECK(sandbox.run({"cancel", "--admin", id, queued, "--wait"}).exit_status == 0);
    worker.signal(SIGTERM);
    worker.wait();
}

TEST_CASE("arguments of any form reach a detached job unchanged") {
    const Sandbox sandbox;
    const Args odd = {"", "a b", "--", "line\nline", "*", "--env", "X=1", "ü"};
    Args args = {"run", "--detach", "--env", "EMPTY=", "--", "printf", "<%s>"};
    args.insert(args.end(), odd.begin(), odd.end());
    const Ran ran = sandbox.run(args);
    INFO(ran.err);
    REQUIRE(ran.exit_status == 0);
    CHECK(sandbox.run({"wait", "last"}).exit_status == 0);
    std::string expected;
    for (const std::string& word : odd)
        expected += "<" + word + ">";
    CHECK(sandbox.run({"logs", "last"}).out == expected);
}

TEST_CASE("processes that hold a job's environment dump no core, and commands keep their limit") {
    const std::string limit = own_core_limit();
    if (limit.empty()) {
        WARN("skipped: core files are not allowed here");
        return;
    }
    Sandbox sandbox;
    let_crash(sandbox);
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    const std::string with_limit = "ulimit -S -c " + limit + "; ";
    const std::string print_limit = "'ulimit -S -c; exec sleep 600'";
    const auto starts = [&](const std::string& verb) {
        const Ran ran =
            sandbox.shell(with_limit + "$atlasjob " + verb + " -- sh -c " + print_limit);
        INFO(ran.err);
        REQUIRE(ran.exit_status == 0);
        Running output = sandbox.start({"logs", "-f", ran.line()});
        CHECK(output.first_line() == limit);
        return ran.line();
    };
    const std::string detached = starts("run --detach");
    CHECK(core_limit_of(process_of(sandbox, detached)) == "1");
    const std::string queued = starts("submit");
    const pid_t slot = process_of(sandbox, queued);
    CHECK(core_limit_of(slot) == "1");
    const auto stat = read_file(fmt::format("/proc/{}/status", slot)).value_or("");
    const std::size_t parent = stat.find("PPid:\t") + 6;
    const auto worker = parse_integer<pid_t>(stat.substr(parent, stat.find('\n', parent) - parent));
    REQUIRE(worker);
    CHECK_THAT(command_line_of(*worker), Contains("worker"));
    CHECK(core_limit_of(*worker) == "1");
    for (const pid_t command : children_of(slot))
        CHECK(core_limit_of(command) != "1");
    Running server = sandbox.start({"mcp"});
    server.write(
        R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
        "\n");
    REQUIRE(server.wait_for("serverInfo"));
    CHECK(core_limit_of(server.pid()) == "1");
    server.close_input();
    server.wait();
    cancel_all(sandbox);
    sandbox.stop_workers();
}

TEST_CASE("a job of a worker that was started by hand has its submitter's core limit") {
    const std::string limit = own_core_limit();
    if (limit.empty()) {
        WARN("skipped: core files are not allowed here");
        return;
    }
    Sandbox sandbox;
    let_crash(sandbox);
    const std::string set = "ulimit -S -c " + limit + "; ";
    REQUIRE(sandbox.shell(set + "$atlasjob submit -- sh -c 'ulimit -S -c'").exit_status == 0);
    REQUIRE(sandbox.shell(set + "$atlasjob worker --drain").exit_status == 0);
    CHECK(sandbox.run({"logs", "1"}).out == limit + "\n");
}

TEST_CASE("no command gets the mark of atlasjob's own processes") {
    Sandbox sandbox;
    sandbox.environment()["ATLASJOB_PROCESS"] = "1";
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    const std::string hook = sandbox.dir() / "hook";
    REQUIRE(mkfifo(hook.c_str(), 0600) == 0);
    const Args verbs = {"run", "run --detach", "submit --on-end 'env > " + hook + "'"};
    for (const std::string& verb : verbs) {
        const Ran ran = sandbox.shell("$atlasjob " + verb + " --env ATLASJOB_PROCESS=1 -- env");
        INFO(verb << ": " << ran.err);
        REQUIRE(ran.exit_status == 0);
        REQUIRE(sandbox.run({"wait", "last", "-q"}).exit_status == 0);
        const std::string out = sandbox.run({"logs", "last"}).out;
        CHECK_THAT(out, Contains("ATLASJOB_JOB_ID=") && !Contains("ATLASJOB_PROCESS"));
    }
    const std::string of_hook = read_file(hook).value();
    CHECK_THAT(of_hook, Contains("ATLASJOB_STATUS=") && !Contains("ATLASJOB_PROCESS"));
    sandbox.stop_workers();
}

TEST_CASE("a worker whose environment cannot be read back starts all the same") {
    if (geteuid() != 0) {
        WARN("skipped: needs root, to become another account");
        return;
    }
    Sandbox sandbox;
    const std::string copy = sandbox.dir() / "atlasjob";
    fs::copy_file(kProgram, copy);
    fs::permissions(copy, fs::perms(0711));
    fs::permissions(sandbox.dir().path(), fs::perms(0711));
    const std::string home = sandbox.dir() / "home";
    REQUIRE(sandbox.shell("install -d -m 700 -o 65534 -g 65534 " + home).exit_status == 0);
    const std::string as_nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups timeout 60 "
                                  + copy + " --ledger " + home + "/ledger.db ";
    REQUIRE(sandbox.shell(as_nobody + "submit -- true").exit_status == 0);
    CHECK(sandbox.shell(as_nobody + "worker --drain").exit_status == 0);
    CHECK(sandbox.shell(as_nobody + "wait last").exit_status == 0);
}

TEST_CASE("atlasjob leaves no core file when it crashes") {
    Sandbox sandbox;
    let_crash(sandbox);
    fs::create_directory(sandbox.dir() / "here");
    const Ran ran = sandbox.shell(
        "cd " + (sandbox.dir() / "here")
        + "; ulimit -S -c $(ulimit -H -c); $atlasjob run -- sh -c 'kill -SEGV $PPID; exec sleep 600'");
    CHECK(ran.exit_status == 128 + SIGSEGV);
    CHECK_THAT(ran.err, !Contains("core dumped"));
    CHECK(fs::is_empty(sandbox.dir() / "here"));
    CHECK(sandbox.run({"gc"}).exit_status == 0);
}
