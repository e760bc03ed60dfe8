#include "ledger/address_files.h"
#include "logs/log_files.h"
#include "runner/worker/worker_case.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

namespace atlasjob {

namespace {

using test::WorkerCase;

TEST_CASE("a worker runs queued jobs by priority and then by age") {
    WorkerCase w;
    const auto append = [&](const std::string& word, int priority) {
        NewJob job = w.script("echo " + word + " >> $DIR/order");
        job.priority = priority;
        return w.submit(job);
    };
    append("older", 0);
    append("urgent", 5);
    append("younger", 0);
    const JobId last = append("unimportant", -1);
    const auto worker = w.start_worker();
    CHECK(w.await_end(last).status == Status::done);
    CHECK(w.file("order") == "urgent\nolder\nyounger\nunimportant\n");
}

TEST_CASE("an idle slot is notified of a new job") {
    WorkerCase w;
    const auto worker = w.start_worker();
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    const Job job = w.await_end(w.submit("exit 3"));
    CHECK(job.status == Status::error);
    CHECK(job.exit_code == 3);
    CHECK(
        w.history(job.job_id)
        == std::vector<std::string>{
            "submit -> queued", "claim queued -> running", "finish running -> error"});
}

TEST_CASE("slots run in parallel within the limit of each queue") {
    WorkerCase w;
    const auto in_queue = [&](const std::string& queue, const std::string& pipe) {
        w.make_pipe_file(pipe);
        NewJob job = w.script("read -r line < $DIR/" + pipe);
        job.queue = queue;
        return w.submit(job);
    };
    const auto worker = w.start_worker({"--slots", "3", "--limit", "gpu=1"});
    const JobId first = in_queue("gpu", "a");
    w.await_running(first);
    const JobId second = in_queue("gpu", "b");
    const JobId other = in_queue("cpu", "c");
    w.await_running(other);
    CHECK(w.job(second).status == Status::queued);
    CHECK(w.job(first).status == Status::running);
    w.go("a");
    w.await_running(second);
    w.go("b");
    w.go("c");
    CHECK(w.await_end(second).status == Status::done);
    CHECK(w.await_end(other).status == Status::done);
}

TEST_CASE("a worker ignores queues it does not serve") {
    WorkerCase w;
    NewJob job = w.script("true");
    job.queue = "other";
    const JobId left = w.submit(job);
    const auto worker = w.start_worker({"--queue", "mine"});
    job = w.script("true");
    job.queue = "mine";
    CHECK(w.await_end(w.submit(job)).status == Status::done);
    CHECK(w.job(left).status == Status::queued);
    CHECK(w.store().workers().at(0).is.queues == std::vector<std::string>{"mine"});
}

TEST_CASE("a delayed job starts when due without delaying other jobs") {
    WorkerCase w;
    const auto worker = w.start_worker();
    NewJob later = w.script("true");
    later.run_after = w.now() + milliseconds{150};
    const JobId delayed = w.submit(later);
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    const Job job = w.await_end(delayed);
    CHECK(job.status == Status::done);
    CHECK(*job.started_at >= *job.run_after);
}

TEST_CASE("a failed job runs again after its backoff") {
    WorkerCase w;
    const auto worker = w.start_worker();
    NewJob spec = w.script("test -e $DIR/tried || { touch $DIR/tried; exit 1; }");
    spec.max_attempts = 2;
    spec.command->backoff = milliseconds{20};
    const Job job = w.await_end(w.submit(spec));
    CHECK(job.status == Status::done);
    CHECK(job.attempt == 2);
}

TEST_CASE("a job that cannot start ends in error and the slot continues") {
    WorkerCase w;
    const auto worker = w.start_worker();
    NewJob nowhere = w.script("true");
    nowhere.command->cwd = w.dir() / "gone";
    NewJob nothing = w.script("true");
    nothing.command->argv = {"no-such-command"};
    const JobId first = w.submit(nowhere);
    const JobId second = w.submit(nothing);
    const Job no_directory = w.await_end(first);
    CHECK(no_directory.reason == Reason::start_failed);
    CHECK_THAT(*no_directory.error, Catch::Contains("gone"));
    const Job no_command = w.await_end(second);
    CHECK(no_command.reason == Reason::start_failed);
    CHECK_THAT(*no_command.error, Catch::Contains("no-such-command"));
    CHECK(w.await_end(w.submit("true")).status == Status::done);
}

TEST_CASE("a job without a writable log does not start and the slot continues") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const NewJob spec = w.script("touch $DIR/ran");
    const std::string folder = log_directory(LedgerFiles::of(w.location()).logs_root, spec.job_id);
    REQUIRE(mkdir(LedgerFiles::of(w.location()).logs_root.c_str(), 0700) == 0);
    REQUIRE(write_all(open_file(folder, O_WRONLY | O_CREAT, 0600).get(), "in the way"));
    const Job job = w.await_end(w.submit(spec));
    CHECK(job.reason == Reason::start_failed);
    CHECK_THAT(*job.error, Catch::Contains("log"));
    CHECK(w.file("ran") == "(none)");
    REQUIRE(unlink(folder.c_str()) == 0);
    CHECK(w.await_end(w.submit("true")).status == Status::done);
}

TEST_CASE("cancelling a job of a slot terminates its descendants too") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const JobId id =
        w.submit("setsid sh -c 'echo $$ > $DIR/up; read -r line <> $DIR/never' & wait");
    const pid_t grandchild = std::stoi(w.await_up());
    CancelRequest request;
    request.actor = "alice";
    CHECK(w.store().request_cancel(id, request) == CancelResult::requested);
    CHECK(w.await_end(id).status == Status::cancelled);
    CHECK_FALSE(test::is_alive(grandchild));
}

TEST_CASE("a command of a slot has exactly the documented descriptors") {
    WorkerCase w;
    const auto worker = w.start_worker();
    CHECK(w.await_end(w.submit("exec ls -l /proc/self/fd > $DIR/fds")).status == Status::done);
    const std::string fds = w.file("fds");
    CHECK_THAT(fds, Catch::Contains("0 -> /dev/null"));
    CHECK_THAT(fds, Catch::Contains("3 -> pipe:"));
    // Descriptor 4 is the directory that ls reads.
    CHECK_THAT(fds, !Catch::Contains(" 5 -> "));
}

}  // namespace

}  // namespace atlasjob
