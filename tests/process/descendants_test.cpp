#include "process/descendants.h"

#include "process/commands.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace atlasjob {

namespace {

using test::read_until;
using test::request_for;
using test::require_spawned;

/// A shell script whose output the test reads from a pipe.
struct Script {
    Pipe pipe = make_pipe();
    ProcessHandle leader;

    explicit Script(
        const std::string& text,
        std::vector<std::string> environment = {},
        const std::string& shell = "sh") {
        SpawnRequest request = request_for({shell, "-c", text}, pipe.write_end.get());
        request.environment.insert(
            request.environment.end(), environment.begin(), environment.end());
        request.descriptors[2] = request.descriptors[0];  // shells print job messages to stderr
        leader = require_spawned(request);
        pipe.write_end.reset();
    }
    std::string line() { return read_until(pipe.read_end.get(), '\n'); }
    pid_t pid_line() { return std::stoi(line()); }
    void await() { REQUIRE(await_end({&leader, 1}, test::kTimeoutMs)); }
};

/// Kills descendants until none is left.
void end_all(const Subreaper& subreaper, pid_t leader) {
    for (auto descendants = subreaper.descendants(leader); !descendants.empty();
         descendants = subreaper.descendants(leader)) {
        for (const ProcessHandle& process : descendants)
            send_signal(process, SIGKILL);
        REQUIRE(await_end(descendants, test::kTimeoutMs));
    }
}

bool holds(const std::vector<ProcessHandle>& processes, pid_t pid) {
    return std::ranges::any_of(processes, [&](const auto& p) { return p.pid == pid; });
}

}  // namespace

TEST_CASE("a command without children leaves no descendants") {
    const Subreaper subreaper;
    Script script{"true & wait; echo over"};
    CHECK(script.line() == "over\n");
    script.await();
    CHECK(subreaper.descendants(script.leader.pid).empty());
    reap(script.leader.pid);
}

TEST_CASE("background children and setsid children and double forks are all adopted") {
    const Subreaper subreaper;
    Script script{
        "sleep 1000 & echo $!;"
        "setsid sh -c 'echo $$; exec sleep 1000' & "
        "(sh -c 'echo $$; exec env -i /bin/sleep 1000' &) ; exit 0"};
    const std::set<pid_t> expected{script.pid_line(), script.pid_line(), script.pid_line()};
    script.await();
    const auto descendants = subreaper.descendants(script.leader.pid);
    CHECK(descendants.size() == 3);
    for (const pid_t pid : expected)
        CHECK(holds(descendants, pid));
    end_all(subreaper, script.leader.pid);
    subreaper.reap_orphans(std::array{script.leader.pid});
    CHECK(subreaper.descendants(script.leader.pid).empty());
    reap(script.leader.pid);
    for (const pid_t pid : expected)
        CHECK_FALSE(proc_stat(pid).has_value());
}

TEST_CASE("children created before the command are not its descendants") {
    Script earlier{"echo up; exec sleep 1000"};
    CHECK(earlier.line() == "up\n");
    const Subreaper subreaper;
    Script script{"exit 0"};
    script.await();
    CHECK(subreaper.descendants(script.leader.pid).empty());
    reap(script.leader.pid);
    CHECK(send_signal(earlier.leader, SIGKILL) == Signalled::sent);
    CHECK(test::require_end(earlier.leader).signo() == SIGKILL);
}

TEST_CASE("a signal to the session reaches every group in it and none outside") {
    Script outsider{"echo up; exec sleep 1000"};
    CHECK(outsider.line() == "up\n");
    const Subreaper subreaper;
    // With job control (set -m) a background child gets its own process group.
    Script script{
        "set -m; trap 'wait; echo leader; exit 7' TERM;"
        " (trap 'echo other group; exit' TERM; echo up; while :; do sleep 1000 & wait $!; done) &"
        " wait",
        {},
        "bash"};
    CHECK(script.line() == "up\n");

    CHECK(signal_session(script.leader, SIGTERM) == Signalled::sent);
    CHECK(script.line() == "other group\n");
    CHECK(script.line() == "leader\n");
    script.await();
    CHECK(ended(script.leader) == ExitStatus::exited(7));
    CHECK_FALSE(ended(outsider.leader).has_value());

    end_all(subreaper, script.leader.pid);
    reap(script.leader.pid);
    send_signal(outsider.leader, SIGKILL);
    test::require_end(outsider.leader);
}

TEST_CASE("an orphaned session is found by its number") {
    const Subreaper subreaper;
    Script script{"sleep 1000 & echo $!"};
    const pid_t orphan = script.pid_line();
    script.await();
    const auto members = find_session(script.leader.pid);
    CHECK(members.size() == 1);
    CHECK(holds(members, orphan));
    end_all(subreaper, script.leader.pid);
    CHECK(find_session(script.leader.pid).empty());
    reap(script.leader.pid);
}

TEST_CASE("processes are found by their exact environment entries") {
    const Subreaper subreaper;
    const std::vector<std::string> marks{
        fmt::format("ATLASJOB_TEST_A={}", getpid()), "ATLASJOB_TEST_B=1"};
    Script marked{"setsid sh -c 'echo $$; exec sleep 1000' & exit 0", marks};
    const pid_t expected = marked.pid_line();
    marked.await();
    Script other{"echo up; exec sleep 1000", {marks[0], "ATLASJOB_TEST_B=12"}};
    CHECK(other.line() == "up\n");

    const auto found = find_by_environment(marks);
    REQUIRE(found.size() == 1);
    CHECK(found[0].pid == expected);

    end_all(subreaper, 0);
    reap(marked.leader.pid);
    reap(other.leader.pid);
}

TEST_CASE("waiting without a limit waits until the process exits") {
    Script script{"echo up; exec sleep 0.2"};
    CHECK(script.line() == "up\n");
    CHECK(await_end({&script.leader, 1}, -1));
    CHECK(ended(script.leader) == ExitStatus::exited(0));
    reap(script.leader.pid);
}

TEST_CASE("an exited child keeps its pid until it is reaped") {
    Script script{"exit 5"};
    script.await();
    CHECK(ended(script.leader) == ExitStatus::exited(5));
    CHECK(ended(script.leader) == ExitStatus::exited(5));
    CHECK(proc_stat(script.leader.pid)->ended());
    reap(script.leader.pid);
    CHECK_FALSE(proc_stat(script.leader.pid).has_value());
    CHECK(send_signal(script.leader, SIGTERM) == Signalled::gone);
}

}  // namespace atlasjob
