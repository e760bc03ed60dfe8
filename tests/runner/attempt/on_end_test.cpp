#include "runner/attempt/on_end.h"

#include "base/text.h"
#include "process/process_handle.h"
#include "runner/run_case.h"
#include "support/timeout.h"

#include <sys/stat.h>

namespace atlasjob {

namespace {

using Catch::Matchers::Contains;
using test::RunCase;

/// The types of the job's events that are no transitions.
std::vector<std::string> notes(RunCase& run) {
    std::vector<std::string> types;
    for (const Event& event : run.store().events_since({0, run.id()}, {"test", true})) {
        if (event.from == event.to) types.push_back(event.type);
    }
    return types;
}

/// Runs a job with this on-end hook and then the command.
void run_with(RunCase& run, const std::string& on_end, milliseconds limit = milliseconds{60'000}) {
    run.command.on_end = on_end;
    const Status status = run.run().finished.value().status;
    run_on_end(run.store(), {run.id(), status, run.options.ledger, "test", limit});
}

}  // namespace

TEST_CASE("the on-end hook gets the job's environment and final status") {
    RunCase run{"exit 3"};
    run_with(
        run,
        "echo $ATLASJOB_JOB_ID $ATLASJOB_STATUS $ATLASJOB_LEDGER $ATLASJOB_PRINCIPAL"
        " \"[$ATLASJOB_ATTEMPT$ATLASJOB_REPORT_FD]\" > $DIR/said; pwd >> said; umask >> said;"
        "ls /proc/self/fd | wc -l >> said");
    CHECK(
        run.file("said")
        == run.id().str() + " error " + run.options.ledger.display() + " alice []\n"
               + run.dir().path().string() + "\n0022\n4\n");
    CHECK(notes(run).empty());
}

TEST_CASE("a failing on-end hook is noted as an event and does not change the job") {
    RunCase run{"true"};
    run_with(run, "exit 1");
    CHECK(notes(run) == std::vector<std::string>{"on_end_failed"});
    CHECK(run.job().status == Status::done);
}

TEST_CASE("the event of a failed hook says how it ended, and its last words") {
    const std::vector<std::pair<std::string, std::string>> hooks = {
        {"exit 3", "exited with 3"},
        {"echo 'curl: (6) no such host' >&2; exit 6", "exited with 6: curl: (6) no such host"},
        {"printf 'one\ntwo\n\n' >&2; kill -9 $$", "was killed by SIGKILL: two"},
        {"printf 'a\033[2Jb' >&2; exit 1", "exited with 1: a\\u{1b}[2Jb"},
        {"yes | head -c 300000 >&2; echo end >&2; exit 1", "exited with 1: end"},
        // A process that it leaves keeps the pipe open.
        {"read -r l <> $DIR/never & echo left >&2; exit 1", "exited with 1: left"}};
    for (const auto& [hook, detail] : hooks) {
        RunCase run{"true"};
        run_with(run, hook);
        const auto events = run.store().events_since({0, run.id()}, {"test", true});
        CHECK(events.back().type == "on_end_failed");
        CHECK(events.back().detail == detail);
    }
}

TEST_CASE("an on-end hook that cannot start is noted as an event") {
    RunCase run{"rmdir gone"};
    const std::string gone = run.dir() / "gone";
    REQUIRE(mkdir(gone.c_str(), 0700) == 0);
    run.command.argv = {"rmdir", gone};
    run.command.cwd = gone;
    run_with(run, "true");
    CHECK(run.job().status == Status::done);
    CHECK(notes(run) == std::vector<std::string>{"on_end_failed"});
    const auto events = run.store().events_since({0, run.id()}, {"test", true});
    CHECK_THAT(events.back().detail.value(), Contains("cannot enter directory"));
}

TEST_CASE("an on-end hook that exceeds its time limit is killed with its children") {
    RunCase run{"true"};
    run_with(run, "sh -c 'echo $$ > $DIR/pid; exec cat $DIR/never'; true", std::chrono::seconds{5});
    CHECK(notes(run) == std::vector<std::string>{"on_end_failed"});
    const auto command = parse_integer<pid_t>(trim(run.file("pid")));
    REQUIRE(command.has_value());
    const auto stat = proc_stat(*command);
    auto process = stat ? pin(*stat) : std::nullopt;
    CHECK((!process || await_end({&*process, 1}, test::kTimeoutMs)));
}

TEST_CASE("a job without an on-end hook starts nothing") {
    RunCase run{"true"};
    CHECK(run.run().exit_status == 0);
    run_on_end(run.store(), {run.id(), Status::done, run.options.ledger, "test"});
    CHECK(notes(run).empty());
}

TEST_CASE("owed hooks are read only if a job may owe one") {
    CommandSpec plain;
    CommandSpec with_hook;
    with_hook.on_end = "true";
    CHECK_FALSE(may_start_on_end(plain, Status::done));
    CHECK(may_start_on_end(plain, Status::error));  // dependents may have been cancelled
    CHECK(may_start_on_end(with_hook, Status::done));
    CHECK_FALSE(may_start_on_end(with_hook, Status::queued));
}

TEST_CASE("a failure to start hooks is noted as an event of every affected job") {
    RunCase run{"exit 1"};
    run.command.on_end = "true";
    CHECK(run.run().exit_status == 1);
    NewJob dependent{JobId::make(run.clock().now())};
    dependent.owner = "alice";
    dependent.command = run.command;
    dependent.after = {run.id()};
    run.store().submit(dependent);
    // An argv far too large for any process.
    const OnEnd on_end{{"atlasjob", std::string(3UL << 20U, 'x')}, {}, "test"};
    start_owed_hooks(run.store(), on_end);
    CHECK(notes(run) == std::vector<std::string>{"on_end_failed"});
    const auto events = run.store().events_since({0, dependent.job_id}, {"test", true});
    CHECK(events.back().type == "on_end_failed");
}

}  // namespace atlasjob
