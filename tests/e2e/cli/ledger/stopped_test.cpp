#include "base/clock.h"
#include "e2e/cli/sandbox.h"
#include "process/proc.h"
#include "process/process_handle.h"
#include "store/open.h"
#include "support/fake_clock.h"
#include "support/places.h"
#include "support/stopping.h"
#include "support/timeout.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <functional>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// A reaper on another machine, with a clock far ahead, which cannot see the command.
class Reaper {
  public:
    explicit Reaper(const Sandbox& sandbox)
        : store_(open_store(parse_address(sandbox.ledger()), OpenMode::create, clock_)) {}

    /// Waits until one attempt is running and its process is known; returns it.
    RunningAttempt attempt() {
        const auto changes = store_->watch_changes();
        for (;;) {
            const auto running = store_->running_attempts();
            if (running.size() == 1 && running[0].process) return running[0];
            changes->wait(milliseconds{20});
        }
    }
    void reap(const AttemptKey& attempt) {
        REQUIRE(store_->mark_suspect(attempt));
        clock_.advance(std::chrono::minutes{5});
        REQUIRE(store_->reap(attempt, ReapGround::silent, "gc"));
    }

  private:
    ClockAhead clock_{std::chrono::minutes{5}};
    std::unique_ptr<Store> store_;
};

/// Stops the supervisor of the running attempt, reaps the attempt, calls `meanwhile` with the
/// command's process, resumes the supervisor and waits for the command to exit.
void lose(const Sandbox& sandbox, const std::function<void(const ProcessHandle&)>& meanwhile) {
    Reaper reaper{sandbox};
    const RunningAttempt attempt = reaper.attempt();
    const std::vector<pid_t> supervisor{static_cast<pid_t>(attempt.supervisor.value().pid)};
    const auto command = pin(proc_stat(static_cast<pid_t>(attempt.process.value().pid)).value());
    REQUIRE(command);
    stop_between_writes(sandbox.ledger(), supervisor);
    reaper.reap(attempt.key);
    meanwhile(*command);
    continue_processes(supervisor);
    CHECK(await_end({&*command, 1}, kTimeoutMs));
}

void check_lost_once(const Sandbox& sandbox) {
    CHECK(sandbox.status("1")["reason"] == "worker_lost");
    const std::string events = sandbox.run({"events", "1", "--json"}).out;
    CHECK_THAT(events, Contains("\"reap\""));
    CHECK_THAT(events, !Contains("\"finish\""));
}

}  // namespace

TEST_CASE("a run that was reaped while stopped terminates its command and records nothing") {
    const Sandbox sandbox;
    Running running = sandbox.start({"run", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(running.wait_for("ready"));
    lose(sandbox, [](const ProcessHandle&) {});
    CHECK(running.wait().exit_status == 128 + SIGTERM);
    check_lost_once(sandbox);
}

TEST_CASE("a run whose command exited after the reap records nothing") {
    const Sandbox sandbox;
    Running running = sandbox.start({"run", "--", "sh", "-c", "read -r line; exit 3"});
    lose(sandbox, [&](const ProcessHandle& command) {
        running.write("go\n");
        CHECK(await_end({&command, 1}, kTimeoutMs));
    });
    CHECK(running.wait().exit_status == 3);
    check_lost_once(sandbox);
}

TEST_CASE("a detached supervisor that was reaped while stopped terminates its command and exits") {
    const Sandbox sandbox;
    const std::string job = sandbox.run({"run", "--detach", "--", "sleep", "600"}).line();
    const auto supervisor =
        pin(proc_stat(sandbox.status(job)["worker"]["pid"].get<pid_t>()).value());
    REQUIRE(supervisor);
    lose(sandbox, [](const ProcessHandle&) {});
    // It is not a child of this process, so only its exit can be observed.
    CHECK(await_end({&*supervisor, 1}, kTimeoutMs));
    check_lost_once(sandbox);
}

TEST_CASE("a process of an earlier attempt can neither report nor finish") {
    const Sandbox sandbox;
    sandbox.submit(
        "test $ATLASJOB_ATTEMPT = 2 || exit 1; export ATLASJOB_ATTEMPT=1;"
        "$PROGRAM report --progress 0.5; echo $?; $PROGRAM finish --error old; echo $?;"
        "ATLASJOB_ATTEMPT=2 $PROGRAM report --phase new; echo $?",
        {"--retries", "1", "--backoff", "1ms", "--env", std::string{"PROGRAM="} + kProgram});
    sandbox.drain();
    CHECK(sandbox.run({"logs", "1", "--stdout"}).out == "6\n6\n0\n");
    const json job = sandbox.status("1");
    CHECK(job["status"] == "done");
    CHECK(job["phase"] == "new");
}

TEST_CASE("an MCP server that was stopped answers a wait once, with the current status") {
    const Sandbox sandbox;
    const std::string id = sandbox.create({"--start"});
    Running server = sandbox.start({"mcp"});
    server.write(
        R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":)"
        R"("2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
        "\n"
        R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
        "\n"
        R"({"jsonrpc":"2.0","id":"wait","method":"tools/call","params":{"name":"wait_for_job",)"
        R"("arguments":{"timeout_seconds":600,"job_id":")"
        + id
        + "\"}}}\n"
          R"({"jsonrpc":"2.0","id":"after","method":"ping"})"
          "\n");
    // The response to this ping means that the wait has begun.
    REQUIRE(server.wait_for("\"after\""));
    const std::vector<pid_t> stopped{server.pid()};
    stop_between_writes(sandbox.ledger(), stopped);
    CHECK(sandbox.run({"finish", "1", "--error", "broken"}).exit_status == 0);
    continue_processes(stopped);
    REQUIRE(server.wait_for("\"wait\""));
    server.close_input();
    const Ran ran = server.wait();
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.out, Contains("broken"));
    CHECK(ran.out.find("\"id\":\"wait\"") == ran.out.rfind("\"id\":\"wait\""));
}
