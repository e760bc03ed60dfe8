#include "e2e/cli/ledger/movable.h"
#include "support/places.h"
#include "support/timeout.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// Waits for the exit of a process that is not a child of this one.
void await_exit(pid_t pid) {
    const atlasjob::UniqueFd process{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
    if (!process) return;
    pollfd ended{process.get(), POLLIN, 0};
    REQUIRE(poll(&ended, 1, kTimeoutMs) == 1);
}

std::vector<std::string> run_args(const std::string& script, bool detached) {
    std::vector<std::string> args = {"run"};
    if (detached) args.emplace_back("--detach");
    args.insert(args.end(), {"--", "sh", "-c", script});
    return args;
}

}  // namespace

TEST_CASE("a job whose ledger is moved ends there, and nothing is created in the old place") {
    const bool whole_directory = GENERATE(true, false);
    CAPTURE(whole_directory);
    Movable m;
    const std::string report = fmt::format(
        "{} report --progress 0.5 2>&1; echo exit code $?; echo '{{\"phase\":\"late\"}}' >&3",
        kProgram);
    const std::string job = m.sandbox.submit(m.blocked(report));
    m.await_up();
    const auto workers = m.workers(m.ledger);
    REQUIRE(workers.size() == 1);
    whole_directory ? m.move_directory() : m.move_all_files();
    m.go();
    CHECK(m.sandbox.run({"wait", job, "--ledger", m.moved, "--timeout", "60s"}).exit_status == 0);
    await_exit(workers[0]);
    const json status = m.sandbox.run({"status", job, "--json", "--ledger", m.moved}).json();
    CHECK(status["phase"] == "late");
    // A command that uses the old path finds no ledger and creates none.
    const Ran logs = m.sandbox.run({"logs", job, "--ledger", m.moved});
    CHECK_THAT(logs.out, Contains("there is no ledger at " + m.ledger) && Contains("exit code 7"));
    CHECK(m.workers(m.moved).empty());
    CHECK(fs::exists(m.home) == !whole_directory);
    if (!whole_directory) CHECK(m.names() == std::set<std::string>{});
}

TEST_CASE("the on-end hook of a job whose ledger was moved runs on gc in the new place") {
    const bool in_worker = GENERATE(true, false);
    CAPTURE(in_worker);
    const Movable m;
    const std::string pipe = m.sandbox.dir() / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const std::string hook = "echo $ATLASJOB_STATUS in $ATLASJOB_LEDGER >" + pipe;
    const std::string script = m.blocked();
    Running starter =
        m.sandbox.start({in_worker ? "submit" : "run", "--on-end", hook, "--", "sh", "-c", script});
    m.await_up();
    m.move_directory();
    m.go();
    CHECK(starter.wait().exit_status == 0);
    CHECK(m.sandbox.run({"wait", "1", "--ledger", m.moved, "--timeout", "60s"}).exit_status == 0);
    CHECK(m.sandbox.run({"gc", "--ledger", m.moved}).exit_status == 0);
    CHECK(atlasjob::read_file(pipe) == "done in " + m.moved + '\n');
}

TEST_CASE("run follows its ledger to the new place, attached or detached") {
    const bool detached = GENERATE(false, true);
    CAPTURE(detached);
    const Movable m;
    Running run = m.sandbox.start(run_args(m.blocked("echo said; exit 3"), detached));
    m.await_up();
    m.move_directory();
    m.go();
    if (!detached) CHECK(run.wait().exit_status == 3);
    CHECK(m.sandbox.run({"wait", "1", "--ledger", m.moved, "--timeout", "60s"}).exit_status == 1);
    CHECK(m.sandbox.run({"logs", "1", "--ledger", m.moved}).out == "said\n");
    CHECK_FALSE(fs::exists(m.home));
}

TEST_CASE("run exits with the command's code when its ledger is gone and reports the lost result") {
    const Movable m;
    Running run = m.sandbox.start(run_args(m.blocked("exit 3"), false));
    m.await_up();
    m.remove_database();
    const auto names = m.names();
    m.go();
    const Ran ran = run.wait();
    CHECK(ran.exit_status == 3);
    CHECK_THAT(ran.err, Contains("the end of job 1 was not recorded") && Contains("removed"));
    CHECK(m.names() == names);
}

TEST_CASE("a ledger file that was moved without its write-ahead log is left alone") {
    const Movable m;
    Running run = m.sandbox.start(run_args(m.blocked("exit 3"), false));
    m.await_up();
    const std::string alone = m.sandbox.dir() / "alone.db";
    fs::rename(m.ledger, alone);
    const auto before = atlasjob::read_file(alone);
    const auto names = m.names();
    m.go();
    const Ran ran = run.wait();
    CHECK(ran.exit_status == 3);
    CHECK_THAT(ran.err, Contains("was not recorded"));
    CHECK(m.names() == names);
    CHECK(atlasjob::read_file(alone) == before);
}

TEST_CASE("an idle worker exits when its ledger is moved and removes its registration") {
    const Movable m;
    REQUIRE(m.sandbox.run({"wait", m.sandbox.submit("true"), "--timeout", "60s"}).exit_status == 0);
    const auto workers = m.workers(m.ledger);
    REQUIRE(workers.size() == 1);
    m.move_directory();
    await_exit(workers[0]);
    CHECK(m.workers(m.moved).empty());
    CHECK_FALSE(fs::exists(m.home));
    // A job submitted there starts its own worker.
    const Ran submitted = m.sandbox.run({"submit", "--ledger", m.moved, "--", "true"});
    CHECK(
        m.sandbox.run({"wait", submitted.line(), "--ledger", m.moved, "--timeout", "60s"})
            .exit_status
        == 0);
}

TEST_CASE("a foreground worker whose ledger was moved exits with the reason") {
    const Movable m;
    m.sandbox.create();
    Running worker = m.sandbox.start({"worker", "--slots", "1"});
    const std::string job = m.sandbox.submit("true");
    REQUIRE(m.sandbox.run({"wait", job, "--timeout", "60s"}).exit_status == 0);
    m.move_directory();
    const Ran ran = worker.wait();
    CHECK(ran.exit_status == 7);
    CHECK_THAT(ran.err, Contains("the worker exited") && Contains(m.ledger));
    CHECK_FALSE(fs::exists(m.home));
}

TEST_CASE("after a restore the jobs of the restored ledger run") {
    const auto* old_file = GENERATE("moved", "removed");
    CAPTURE(old_file);
    Movable m;
    REQUIRE(m.sandbox.run({"wait", m.sandbox.submit("true"), "--timeout", "60s"}).exit_status == 0);
    m.sandbox.submit("echo x", {"--in", "1s"});
    m.back_up();
    m.sandbox.run({"cancel", "-q", "last"});
    REQUIRE(m.workers(m.ledger).size() == 1);
    old_file == std::string{"moved"} ? m.move_database() : m.remove_database();
    m.restore();
    CHECK(m.sandbox.run({"gc"}).exit_status == 0);
    m.sandbox.submit("echo y");
    CHECK(m.wait_only({"2", "3"}) == 0);
}

TEST_CASE("submit creates a new ledger after the old one was removed, and its job runs") {
    Movable m;
    REQUIRE(m.sandbox.run({"wait", m.sandbox.submit("true"), "--timeout", "60s"}).exit_status == 0);
    m.remove_database();
    const std::string job = m.sandbox.submit("true");
    CHECK(m.status(job, m.ledger) != "error");
    CHECK(m.wait_only({job}) == 0);
}

TEST_CASE(
    "a worker with a running job keeps its moved ledger, and another serves the restored one") {
    Movable m;
    const std::string old = m.sandbox.submit(m.blocked());
    m.await_up();
    m.back_up();
    const auto workers = m.workers(m.ledger);
    REQUIRE(workers.size() == 1);
    m.move_database();
    m.restore();
    CHECK(m.wait_only({m.sandbox.submit("true")}) == 0);
    CHECK(m.workers(m.ledger) != workers);
    m.go();
    await_exit(workers[0]);
    CHECK(m.status(old, m.moved) == "done");
    // In the restored copy that job has no supervisor.
    CHECK(m.sandbox.run({"gc"}).exit_status == 0);
    CHECK(m.sandbox.status(old)["reason"] == "worker_lost");
}
