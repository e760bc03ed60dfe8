#include "process/proc.h"
#include "runner/run_case.h"

#include <fcntl.h>

#include <csignal>

namespace atlasjob {

namespace {

using test::RunCase;

bool is_alive(const std::string& pid) {
    const auto stat = proc_stat(std::stoi(pid));
    return stat && !stat->ended();
}

}  // namespace

TEST_CASE("a grandchild that holds the output open does not delay the end") {
    RunCase run{"sleep 1000 & echo $! > $DIR/pid; echo over"};
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::done);
    CHECK(run.logged(Stream::standard_output) == "over\n");
    CHECK_FALSE(is_alive(run.file("pid")));
}

TEST_CASE("descendants of a command are gone before its job ends") {
    RunCase run{
        "mkfifo $DIR/ready; setsid sh -c 'echo $$ > $DIR/pid; echo > $DIR/ready; exec sleep 1000' &"
        "read -r line < $DIR/ready; exit 4"};
    CHECK(run.run().exit_status == 4);
    CHECK(run.job().error == "command exited with 4");
    CHECK_FALSE(is_alive(run.file("pid")));
}

TEST_CASE("a descendant gets time to clean up") {
    RunCase run{
        "mkfifo $DIR/ready;"
        "setsid sh -c 'trap \"echo clean > $DIR/cleaned; exit\" TERM; echo > $DIR/ready;"
        " while :; do read -r line <> $DIR/never; done' & read -r line < $DIR/ready"};
    CHECK(run.run().exit_status == 0);
    CHECK(run.file("cleaned") == "clean\n");
}

TEST_CASE("a descendant that ignores TERM is killed") {
    RunCase run{
        "mkfifo $DIR/ready;"
        "setsid sh -c 'trap \"\" TERM; echo $$ > $DIR/pid; echo > $DIR/ready;"
        " while :; do sleep 1000; done' & read -r line < $DIR/ready"};
    run.options.timings.descendant_grace = milliseconds{100};
    CHECK(run.run().exit_status == 0);
    CHECK_FALSE(is_alive(run.file("pid")));
}

TEST_CASE("a stopped descendant is terminated too") {
    RunCase run{"sleep 1000 & echo $! > $DIR/pid; kill -STOP $!"};
    CHECK(run.run().exit_status == 0);
    CHECK_FALSE(is_alive(run.file("pid")));
}

TEST_CASE("a job with keep_strays keeps the daemons it started") {
    RunCase run{
        "setsid sleep 1000 > /dev/null 2>&1 3>&- & echo $! > $DIR/pid; sleep 1000 &"
        "echo $! > $DIR/pid2"};
    run.command.keep_strays = true;
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::done);
    for (const std::string name : {"pid", "pid2"}) {
        CHECK(is_alive(run.file(name)));
        kill(std::stoi(run.file(name)), SIGKILL);
    }
}

}  // namespace atlasjob
