#include "process/identity.h"
#include "runner/run_case.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <csignal>

namespace atlasjob {

namespace {

using test::RunCase;

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

}  // namespace

TEST_CASE("a successful command makes its job done with its output in the log") {
    RunCase run{"echo out; echo err >&2"};
    const SuperviseResult result = run.run();
    CHECK(result.exit_status == 0);
    REQUIRE(result.finished.has_value());
    CHECK(result.finished->status == Status::done);
    const Job job = run.job();
    CHECK(job.status == Status::done);
    CHECK(job.exit_code == 0);
    CHECK(job.progress == 1.0);
    CHECK_FALSE(job.error.has_value());
    CHECK(run.logged(kOut) == "out\n");
    CHECK(run.logged(kErr) == "err\n");
    CHECK(job.log_bytes == run.logs().extent(run.id()).bytes);
}

TEST_CASE("any other end has a readable error message") {
    RunCase three{"exit 3"};
    CHECK(three.run().exit_status == 3);
    CHECK(three.job().status == Status::error);
    CHECK(three.job().reason == Reason::exit_code);
    CHECK(three.job().error == "command exited with 3");
    CHECK(three.job().error_code == "exit_code");
    CHECK(three.job().exit_code == 3);

    RunCase killed{"kill -KILL $$"};
    CHECK(killed.run().exit_status == 137);
    CHECK(killed.job().reason == Reason::signal);
    CHECK(killed.job().error == "command was killed by SIGKILL");
    CHECK(killed.job().signal == "SIGKILL");
}

TEST_CASE("a command that cannot start ends in error with its name and the reason") {
    RunCase missing{""};
    missing.command.argv = {"no-such-command", "x"};
    CHECK(missing.run().exit_status == 127);
    CHECK(missing.job().status == Status::error);
    CHECK(missing.job().reason == Reason::start_failed);
    CHECK(missing.job().error_code == "start_failed");
    CHECK(missing.job().error == "cannot start \"no-such-command\": no such command in PATH");

    RunCase forbidden{""};
    forbidden.command.argv = {"/etc/passwd"};
    CHECK(forbidden.run().exit_status == 126);
    CHECK(forbidden.job().error == "cannot start \"/etc/passwd\": Permission denied");

    RunCase nowhere{"true"};
    nowhere.command.cwd = "/no/such/directory";
    CHECK(nowhere.run().exit_status == 125);
    CHECK(
        nowhere.job().error
        == "cannot enter directory \"/no/such/directory\": No such file or directory");
}

TEST_CASE("a failed attempt with attempts left queues the job again") {
    RunCase run{"exit 1"};
    run.max_attempts = 2;
    const SuperviseResult result = run.run();
    REQUIRE(result.finished.has_value());
    CHECK(result.finished->status == Status::queued);
    CHECK(result.finished->run_after.has_value());
    CHECK(result.exit_status == 1);
    CHECK(run.job().status == Status::queued);
}

TEST_CASE("a command gets its job id and ledger and report channel and little else") {
    RunCase run{
        "echo $ATLASJOB_JOB_ID $ATLASJOB_ATTEMPT $ATLASJOB_LEDGER $ATLASJOB_PRINCIPAL"
        " $ATLASJOB_REPORT_FD; pwd; umask; readlink /proc/self/fd/0"};
    run.command.environment.push_back("ATLASJOB_JOB_ID=somebody-elses");
    run.command.umask = 0027;
    CHECK(run.run().exit_status == 0);
    CHECK(
        run.logged(kOut)
        == fmt::format(
            "{} 1 {} alice 3\n{}\n0027\n/dev/null\n", run.id().view(), run.options.ledger.display(),
            run.dir().path().string()));
}

TEST_CASE("the ledger knows the process of a running command") {
    RunCase run{"echo $$ > $DIR/up; read -r line < $DIR/go"};
    std::optional<ProcessIdentity> noted;
    std::optional<ProcessIdentity> identity;
    run.meanwhile = [&](Store& store, const std::string& line) {
        identity = identify(std::stoi(line));
        // The process is noted concurrently with the waiting command.
        const auto changes = store.watch_changes();
        for (;;) {
            noted = store.running_attempts().at(0).process;
            if (noted == identity) break;
            changes->wait(milliseconds{100});
        }
        run.go();
    };
    CHECK(run.run().exit_status == 0);
    REQUIRE(noted.has_value());
    CHECK(noted == identity);
}

TEST_CASE("reports reach the job and a reported result becomes the job's") {
    RunCase run{
        "echo '{\"progress\":0.5,\"phase\":\"half\",\"current\":1,\"total\":2}' >&3;"
        "echo '{\"message\":\"last words\",\"result\":{\"big\":12345678901234567890}}' >&3"};
    CHECK(run.run().exit_status == 0);
    const Job job = run.job();
    CHECK(job.status == Status::done);
    CHECK(job.phase == "half");
    CHECK(job.message == "last words");
    CHECK(job.current == 1);
    CHECK(job.total == 2);
    CHECK(job.result == "{\"big\":12345678901234567890}");
}

TEST_CASE("a report is visible while the command runs") {
    RunCase run{"printf '{\"progress\":0.25}\\n' >&3; echo > $DIR/up; read -r line < $DIR/go"};
    std::optional<double> progress;
    run.meanwhile = [&](Store& store, const std::string&) {
        const auto changes = store.watch_changes();
        while (!progress) {
            progress = store.get(JobRef::of(run.id()), {"alice", false}, Detail::summary)->progress;
            if (!progress) changes->wait(milliseconds{100});
        }
        run.go();
    };
    CHECK(run.run().exit_status == 0);
    CHECK(progress == 0.25);
}

TEST_CASE("malformed report lines are noted in the log and ignored") {
    RunCase run{
        "echo nonsense >&3; echo '{\"progress\":2}' >&3; head -c 300000 /dev/urandom >&3;"
        "echo >&3; echo '{\"phase\":\"fine\"}' >&3; echo still here"};
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::done);
    CHECK(run.job().phase == "fine");
    CHECK(run.logged(kOut) == "still here\n");
    const std::string notes = run.logged(kErr);
    CHECK_THAT(notes, Catch::StartsWith("atlasjob: report ignored: not JSON: nonsense\n"));
    CHECK_THAT(notes, Catch::Contains("atlasjob: report ignored: progress"));
}

TEST_CASE("binary and unterminated output is logged byte for byte") {
    RunCase run{"cat /bin/true; printf '\\0\\377 no end'"};
    CHECK(run.run().exit_status == 0);
    CHECK(run.logged(kOut) == read_file("/bin/true").value() + std::string{"\0\377 no end", 9});
}

TEST_CASE("excessive output fills the log up to its limit only") {
    RunCase run{"yes | head -c 5000000"};
    run.command.log_limit_bytes = 100'000;
    CHECK(run.run().exit_status == 0);
    const std::int64_t bytes = run.logs().extent(run.id()).bytes;
    CHECK(bytes <= 100'000);
    CHECK(bytes > 50'000);
    CHECK(run.job().log_bytes >= bytes);
    CHECK(run.job().log_bytes <= 100'000);
}

TEST_CASE("a command is not started without a log unless it runs in the foreground") {
    RunCase run{"echo out"};
    run.put_logs_beside("/proc/no/such");
    SECTION("in the background") {
        CHECK(run.run().exit_status == 125);
        CHECK(run.job().reason == Reason::start_failed);
        CHECK(run.job().error->find("cannot write its log in /proc/no/such") != std::string::npos);
    }
    SECTION("in the foreground") {
        run.options.foreground = true;
        CHECK(run.run().exit_status == 0);
        CHECK(run.job().status == Status::done);
        CHECK(run.job().log_bytes == 0);
    }
}

TEST_CASE("a command that exceeds its timeout is stopped with reason timeout") {
    RunCase run{"echo up; exec sleep 1000"};
    run.timeout = std::chrono::seconds{3};
    CHECK(run.run().exit_status == 124);
    const Job job = run.job();
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::timeout);
    CHECK(job.error_code == "timeout");
    CHECK(job.error == "command ran longer than 3s");
    CHECK(job.signal == "SIGTERM");
    CHECK(run.logged(kOut) == "up\n");
}

TEST_CASE("a command that ends within its timeout is left alone") {
    RunCase run{"exit 0"};
    run.timeout = milliseconds{60'000};
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::done);
}

TEST_CASE("standard output can become the result if it is JSON") {
    RunCase good{"echo '{ \"files\": 3 }'; echo noise >&2"};
    good.command.result_from = ResultFrom::standard_output;
    CHECK(good.run().exit_status == 0);
    CHECK(good.job().result == "{\"files\":3}");

    RunCase bad{"echo 3 files"};
    bad.command.result_from = ResultFrom::standard_output;
    bad.run();
    CHECK(bad.job().status == Status::error);
    CHECK(bad.job().reason == Reason::invalid_result);
    CHECK(bad.job().error_code == "invalid_result");
    CHECK_FALSE(bad.job().result.has_value());

    RunCase big{"printf '\"'; head -c 3000000 /dev/zero | tr '\\0' x; printf '\"'"};
    big.command.result_from = ResultFrom::standard_output;
    CHECK(big.run().exit_status == 0);
    CHECK(big.job().result->size() == 3'000'002);
}

TEST_CASE("a supervised attempt sends heartbeats") {
    RunCase run{"echo > $DIR/up; read -r line < $DIR/go"};
    run.meanwhile = [&](Store& store, const std::string&) {
        const auto lease_of = [&] { return store.running_attempts().at(0).lease_until.value(); };
        const Time before = lease_of();
        run.clock().advance(milliseconds{5000});
        // Heartbeats do not notify, so poll until one has been recorded.
        const auto changes = store.watch_changes();
        while (lease_of() == before)
            changes->wait(milliseconds{20});
        CHECK(lease_of() == before + milliseconds{5000});
        run.go();
    };
    CHECK(run.run().exit_status == 0);
}

}  // namespace atlasjob
