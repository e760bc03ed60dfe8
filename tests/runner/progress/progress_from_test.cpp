#include "process/identity.h"
#include "runner/run_case.h"

namespace atlasjob {

using test::RunCase;

TEST_CASE("progress in a command's output reaches the job while it runs") {
    RunCase run{
        "printf 'copying\\r25%% (1/4)\\r'; echo > $DIR/up; read -r line < $DIR/go;"
        " echo 'step 3 of 4' >&2; exit 1"};
    run.command.progress_from = "auto";
    std::optional<Job> job;
    run.meanwhile = [&](Store& store, const std::string&) {
        const auto changes = store.watch_changes();
        while (!job || !job->progress) {
            changes->wait(milliseconds{100});
            job = store.get(JobRef::of(run.id()), {"alice", false}, Detail::summary);
        }
        run.go();
    };
    CHECK(run.run().exit_status == 1);
    CHECK(job->progress == 0.25);
    CHECK(job->current == 1);
    CHECK(job->total == 4);
    CHECK(run.job().progress == 0.25);
}

TEST_CASE("the last progress in the output is recorded before the job ends") {
    RunCase run{"echo 'step 1 of 4'; echo 'step 3 of 4' >&2; exit 1"};
    run.command.progress_from = "step (\\d+) of (\\d+)";
    run.options.timings.report = milliseconds{60'000};
    CHECK(run.run().exit_status == 1);
    CHECK(run.job().progress == 0.75);
    CHECK(run.job().current == 3);
}

TEST_CASE("output is not scanned for progress unless requested") {
    RunCase run{"echo 50%; exit 1"};
    CHECK(run.run().exit_status == 1);
    CHECK_FALSE(run.job().progress.has_value());
}

TEST_CASE("an invalid pattern is noted in the log and ignored") {
    RunCase run{"echo 50%"};
    NewJob job{run.id()};
    job.owner = "alice";
    job.command = run.command;
    job.start_as = AttemptOwner{current_process(), kLease};
    const Submitted submitted = run.store().submit(job);
    // The store refuses it; one of an older version may not have.
    run.command.progress_from = "(a)\\1";
    const Attempt attempt{
        AttemptKey{run.id(), 1, submitted.fence}, "alice", run.command, {}, submitted.seq};
    CHECK(supervise(run.store(), run.logs(), run.clock(), attempt, run.options).exit_status == 0);
    CHECK(run.logged(Stream::standard_output) == "50%\n");
    CHECK(run.logged(Stream::standard_error).starts_with("atlasjob: progress-from \"(a)\\1\": "));
}

}  // namespace atlasjob
