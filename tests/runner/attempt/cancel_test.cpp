#include "process/proc.h"
#include "runner/run_case.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <csignal>

namespace atlasjob {

namespace {

using test::cancel;
using test::RunCase;

/// Of commands that must have set their traps before it ends. Nothing waits for them meanwhile, so
/// that one that is late fails the test and does not hang it.
constexpr std::chrono::seconds kTimeout{3};

}  // namespace

TEST_CASE("cancelling a running job sends TERM and the job ends cancelled") {
    RunCase run{"echo > $DIR/up; exec sleep 1000"};
    run.meanwhile = [&](Store& store, const std::string&) { cancel(run, store); };
    const SuperviseResult result = run.run();
    CHECK(result.exit_status == 128 + SIGTERM);
    REQUIRE(result.finished.has_value());
    CHECK(result.finished->status == Status::cancelled);
    const Job job = run.job();
    CHECK(job.status == Status::cancelled);
    CHECK(job.reason == Reason::user);
    CHECK(job.error == "Cancelled by user");
    CHECK(job.signal == "SIGTERM");
}

TEST_CASE("the text of a cancel request becomes the job's error") {
    RunCase run{"echo > $DIR/up; exec sleep 1000"};
    run.meanwhile = [&](Store& store, const std::string&) {
        store.request_cancel(run.id(), {"alice", "wrong branch", {}});
    };
    run.run();
    CHECK(run.job().error == "Cancelled by user: wrong branch");
}

TEST_CASE("a command that exits with 0 after a cancel is still cancelled") {
    RunCase run{
        "trap 'echo cleaned; exit 0' TERM; echo > $DIR/up; while :; do read -r line <> $DIR/never; "
        "done"};
    run.meanwhile = [&](Store& store, const std::string&) { cancel(run, store); };
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::cancelled);
    CHECK(run.job().exit_code == 0);
    CHECK(run.logged(Stream::standard_output) == "cleaned\n");
}

TEST_CASE("a command that ignores TERM is killed after the grace of the cancel") {
    RunCase run{"trap '' TERM; echo > $DIR/up; while :; do sleep 1000; done"};
    run.meanwhile = [&](Store& store, const std::string&) {
        cancel(run, store, milliseconds{100});
    };
    CHECK(run.run().exit_status == 128 + SIGKILL);
    CHECK(run.job().status == Status::cancelled);
    CHECK(run.job().signal == "SIGKILL");
}

TEST_CASE("a cancel reaches a grandchild in another session before the job ends") {
    RunCase run{
        "setsid sh -c 'trap \"\" TERM; echo $$ > $DIR/pid; echo > $DIR/up;"
        " while :; do sleep 1000; done' & wait"};
    run.meanwhile = [&](Store& store, const std::string&) {
        cancel(run, store, milliseconds{100});
    };
    run.run();
    CHECK(run.job().status == Status::cancelled);
    CHECK_FALSE(proc_stat(std::stoi(run.file("pid"))).has_value());
}

TEST_CASE("a cancel reaches a stopped command") {
    RunCase run{"echo > $DIR/up; kill -STOP $$; exec sleep 1000"};
    run.meanwhile = [&](Store& store, const std::string&) { cancel(run, store); };
    run.run();
    CHECK(run.job().status == Status::cancelled);
    CHECK(run.job().signal == "SIGTERM");
}

TEST_CASE("a command that ended before it was signalled keeps its own outcome") {
    // A descendant keeps the attempt open until the cancel has been requested.
    RunCase run{
        "mkfifo $DIR/ready;"
        "setsid sh -c 'trap \"echo > $DIR/up; read -r line < $DIR/go; exit\" TERM;"
        " echo > $DIR/ready; while :; do read -r line <> $DIR/never; done' & read -r line < "
        "$DIR/ready;"
        "exit 0"};
    run.meanwhile = [&](Store& store, const std::string&) {
        cancel(run, store);
        run.go();
    };
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::done);
}

TEST_CASE("a cancel without a change notification is found by polling") {
    RunCase run{"echo > $DIR/up; exec sleep 1000"};
    run.options.timings.heartbeat = milliseconds{60'000};
    run.meanwhile = [&](Store& store, const std::string&) {
        // A directory in place of the signal file, so that no notification arrives.
        REQUIRE(rename((run.dir() / "ledger.db.bell").c_str(), (run.dir() / "gone").c_str()) == 0);
        REQUIRE(mkdir((run.dir() / "ledger.db.bell").c_str(), 0700) == 0);
        cancel(run, store);
    };
    run.run();
    CHECK(run.job().status == Status::cancelled);
}

TEST_CASE("a supervisor that lost its attempt stops the command and records nothing") {
    RunCase run{
        "trap 'echo signalled > $DIR/signalled; exit 0' TERM; echo > $DIR/up;"
        "while :; do read -r line <> $DIR/never; done"};
    run.meanwhile = [&](Store& store, const std::string&) {
        const auto attempt = store.running_attempts().at(0);
        store.reap(attempt.key, ReapGround::executor_gone, "test");
    };
    const SuperviseResult result = run.run();
    CHECK_FALSE(result.finished.has_value());
    CHECK(run.file("signalled") == "signalled\n");
    CHECK(run.job().status == Status::error);
    CHECK(run.job().reason == Reason::worker_lost);
}

TEST_CASE("a command that ignores TERM is killed after its own grace") {
    RunCase run{"trap '' TERM; echo > $DIR/up; while :; do sleep 1000; done"};
    run.command.grace = milliseconds{100};
    run.meanwhile = [&](Store& store, const std::string&) { cancel(run, store); };
    CHECK(run.run().exit_status == 128 + SIGKILL);
    CHECK(run.job().status == Status::cancelled);
}

TEST_CASE("a command that ignores the TERM of its timeout is killed after its own grace") {
    RunCase run{"trap '' TERM; while :; do sleep 1000; done"};
    run.command.grace = milliseconds{100};
    run.timeout = kTimeout;
    CHECK(run.run().exit_status == 124);
    CHECK(run.job().reason == Reason::timeout);
    CHECK(run.job().signal == "SIGKILL");
}

TEST_CASE("the grace of a cancel goes before that of the job") {
    RunCase run{"trap '' TERM; echo > $DIR/up; while :; do sleep 1000; done"};
    run.command.grace = std::chrono::hours{1};
    run.meanwhile = [&](Store& store, const std::string&) {
        cancel(run, store, milliseconds{100});
    };
    CHECK(run.run().exit_status == 128 + SIGKILL);
}

TEST_CASE("a command is stopped with the kill signal it asks for") {
    RunCase run{
        "trap 'echo wrong; exit 1' TERM; trap 'echo right; exit 0' INT; echo > $DIR/up;"
        "while :; do read -r line <> $DIR/never; done"};
    run.command.kill_signal = "SIGINT";
    run.meanwhile = [&](Store& store, const std::string&) { cancel(run, store); };
    run.run();
    CHECK(run.job().status == Status::cancelled);
    CHECK(run.logged(Stream::standard_output) == "right\n");
}

TEST_CASE("a timeout stops a command with the kill signal it asks for, too") {
    RunCase run{
        "trap 'echo wrong; exit 1' TERM; trap 'echo right; exit 0' INT;"
        "while :; do read -r line <> $DIR/never; done"};
    run.command.kill_signal = "SIGINT";
    run.timeout = kTimeout;
    CHECK(run.run().exit_status == 124);
    CHECK(run.logged(Stream::standard_output) == "right\n");
}

TEST_CASE("descendants are stopped with the kill signal, too") {
    RunCase run{
        "setsid sh -c 'trap \"echo right > $DIR/stopped; exit\" USR1; echo > $DIR/up;"
        " while :; do read -r line <> $DIR/never; done' & wait"};
    run.command.kill_signal = "SIGUSR1";
    run.meanwhile = [&](Store& store, const std::string&) { cancel(run, store); };
    run.run();
    CHECK(run.file("stopped") == "right\n");
}

}  // namespace atlasjob
