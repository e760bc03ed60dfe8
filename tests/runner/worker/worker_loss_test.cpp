#include "ledger/address_files.h"
#include "runner/worker/worker_case.h"
#include "support/places.h"

#include <algorithm>
#include <csignal>

namespace atlasjob {

namespace {

using test::WorkerCase;

pid_t slot_of(const Job& job) {
    REQUIRE(job.worker.has_value());
    return static_cast<pid_t>(job.worker->pid);
}

TEST_CASE("a killed slot loses only its own job and is replaced") {
    WorkerCase w;
    const auto worker = w.start_worker({"--slots", "2"});
    const std::string sleep = "echo $$ > $DIR/up; read -r line < $DIR/go";
    const JobId lost = w.submit(
        "setsid sh -c 'echo $$ > $DIR/up; read -r line <> $DIR/never' & read -r l <> $DIR/never");
    const pid_t grandchild = std::stoi(w.await_up());
    const JobId neighbour = w.submit(sleep);
    w.await_up();
    REQUIRE(kill(slot_of(w.job(lost)), SIGKILL) == 0);

    const Job job = w.await_end(lost);
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::worker_lost);
    CHECK_FALSE(test::is_alive(grandchild));
    CHECK(w.job(neighbour).status == Status::running);
    // The neighbour's slot is busy, so this job needs the new slot.
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    w.go();
    CHECK(w.await_end(neighbour).status == Status::done);
    CHECK(w.slots().size() == 2);
}

TEST_CASE("what a killed slot leaves is ended even if it has cleared its environment") {
    WorkerCase w;
    const auto worker = w.start_worker();
    // In a session of its own, with no parent that waits for it, and a child of the same kind.
    const JobId lost = w.submit(
        "env -i DIR=$DIR setsid sh -c '(setsid sh -c \"echo \\$\\$ > $DIR/up; read -r l <> "
        "$DIR/never\" &) ; "
        "echo $$ > $DIR/daemon; exec sleep 1000' < /dev/null > /dev/null 2>&1 3>&- & "
        "read -r l <> $DIR/never");
    const pid_t grandchild = std::stoi(w.await_up());
    // What started after the command is known only once the command's process is.
    w.await([&] {
        const auto attempts = w.store().running_attempts();
        return !attempts.empty() && attempts[0].process.has_value();
    });
    REQUIRE(kill(slot_of(w.job(lost)), SIGKILL) == 0);
    CHECK(w.await_end(lost).reason == Reason::worker_lost);
    CHECK_FALSE(test::is_alive(grandchild));
    CHECK_FALSE(test::is_alive(std::stoi(w.file("daemon"))));
}

TEST_CASE("what a job has left on purpose survives the loss of its slot") {
    WorkerCase w;
    const auto worker = w.start_worker();
    NewJob spec = w.script(
        "env -i setsid sleep 1000 < /dev/null > /dev/null 2>&1 3>&- & echo $! > $DIR/stray");
    spec.command->keep_strays = true;
    CHECK(w.await_end(w.submit(spec)).status == Status::done);
    const pid_t stray = std::stoi(w.file("stray"));
    const JobId lost = w.submit("echo up > $DIR/up; read -r l <> $DIR/never");
    w.await_up();
    REQUIRE(kill(slot_of(w.job(lost)), SIGKILL) == 0);
    CHECK(w.await_end(lost).reason == Reason::worker_lost);
    CHECK(test::is_alive(stray));
    REQUIRE(kill(stray, SIGKILL) == 0);
}

TEST_CASE("a command that kills its slot immediately is not run again") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const JobId id = w.submit("echo run >> $DIR/runs; kill -KILL $PPID; read -r l <> $DIR/never");
    const Job job = w.await_end(id);
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::worker_lost);
    CHECK(w.file("runs") == "run\n");
}

TEST_CASE("a lost job with attempts left is run again") {
    WorkerCase w;
    const auto worker = w.start_worker();
    NewJob spec = w.script(
        "test $ATLASJOB_ATTEMPT = 2 || { echo up > $DIR/up; read -r line <> $DIR/never; }");
    spec.max_attempts = 2;
    spec.command->backoff = milliseconds{1};
    const JobId id = w.submit(spec);
    w.await_up();
    REQUIRE(kill(slot_of(w.job(id)), SIGKILL) == 0);
    const Job job = w.await_end(id);
    CHECK(job.status == Status::done);
    CHECK(job.attempt == 2);
}

TEST_CASE("slots of a killed worker finish their jobs and exit") {
    WorkerCase w;
    auto worker = w.start_worker();
    const JobId first = w.submit("echo up > $DIR/up; read -r line < $DIR/go");
    const JobId second = w.submit("true");
    w.await_up();
    const pid_t slot = slot_of(w.job(first));
    worker.signal(SIGKILL);
    worker.wait();
    CHECK(test::is_alive(slot));
    w.go();
    CHECK(w.await_end(first).status == Status::done);
    test::await_gone(slot);
    CHECK(w.job(second).status == Status::queued);
}

TEST_CASE("a slot whose worker died leaves queued jobs to a new one") {
    WorkerCase w;
    auto worker = w.start_worker({"--successor"});
    const JobId first = w.submit("echo up > $DIR/up; read -r line < $DIR/go");
    const JobId second = w.submit("true");
    w.await_up();
    worker.signal(SIGKILL);
    worker.wait();
    w.go();
    CHECK(w.await_end(second).status == Status::done);
    CHECK(w.job(first).status == Status::done);
}

TEST_CASE("a slot stopped past its lease discards its lost job") {
    WorkerCase w;
    const auto worker = w.start_worker({"--tick", "50"});
    const JobId id = w.submit("echo up > $DIR/up; read -r line <> $DIR/never");
    w.await_up();
    const Job job = w.job(id);
    REQUIRE(kill(slot_of(job), SIGSTOP) == 0);
    // A reaper whose clock is far ahead finds it silent.
    const AttemptKey attempt = w.store().running_attempts().at(0).key;
    test::reap_later(w.location(), attempt);
    REQUIRE(kill(slot_of(job), SIGCONT) == 0);
    // The slot continues with other jobs, and the lost job stays as recorded.
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    CHECK(
        w.history(id)
        == std::vector<std::string>{
            "submit -> queued", "claim queued -> running", "reap running -> error"});
}

TEST_CASE("dead workers are deregistered and a living one registers again") {
    WorkerCase w;
    auto dead = w.start_worker();
    w.await([&] { return w.store().workers().size() == 1; });
    dead.signal(SIGKILL);
    dead.wait();
    const auto worker = w.start_worker({"--tick", "20"});
    w.await([&] {
        const auto workers = w.store().workers();
        return workers.size() == 1 && workers.at(0).is.process.pid == worker.pid();
    });
    w.store().unregister_worker(w.store().workers().at(0).id);
    w.await([&] { return w.store().workers().size() == 1; });
}

TEST_CASE("a worker whose ledger was removed exits and does not recreate it") {
    WorkerCase w;
    auto worker = w.start_worker({"--tick", "20"});
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    const auto slots = w.slots();
    REQUIRE(slots.size() == 1);
    std::filesystem::remove(LedgerFiles::of(w.location()).path);
    CHECK(worker.wait() == ExitStatus::exited(7));
    test::await_gone(slots.at(0));
    CHECK_FALSE(std::filesystem::exists(LedgerFiles::of(w.location()).path));
}

TEST_CASE("a worker started by a job survives the end of the job") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const JobId id = w.submit(
        std::string{"setsid "} + test::kWorkerProgram
        + " worker --ledger $ATLASJOB_LEDGER --queue later </dev/null >/dev/null 2>&1 3>&- &\n"
          "setsid sleep 1000 </dev/null >/dev/null 2>&1 3>&- &\n"
          "echo $! > $DIR/descendant; read -r line < $DIR/go");
    pid_t started = 0;
    w.await([&] {
        for (const Worker& other : w.store().workers())
            if (other.is.queues == std::vector<std::string>{"later"})
                started = static_cast<pid_t>(other.is.process.pid);
        return started != 0;
    });
    w.go();
    CHECK(w.await_end(id).status == Status::done);
    // The descendant that is not a worker was terminated with the job.
    CHECK_FALSE(test::is_alive(std::stoi(w.file("descendant"))));
    CHECK(test::is_alive(started));
    NewJob later = w.script("true");
    later.queue = "later";
    CHECK(w.await_end(w.submit("true")).status == Status::done);
    CHECK(w.await_end(w.submit(later)).status == Status::done);
}

}  // namespace

}  // namespace atlasjob
