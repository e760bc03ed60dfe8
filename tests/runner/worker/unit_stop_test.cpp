#include "process/unit.h"
#include "runner/worker/worker_case.h"

#include <csignal>

namespace atlasjob {

namespace {

using test::WorkerCase;

/// A script that sends a signal to its slot and then does something else, as if a service manager
/// had signalled every process of a unit.
std::string signal_slot_and(const std::string& signal, const std::string& then) {
    return "kill -" + signal + " $PPID; " + then;
}

}  // namespace

TEST_CASE("a command that dies of the signal that stops its slot was shut down") {
    const std::string signal = GENERATE("TERM", "HUP");
    WorkerCase w;
    const auto worker = w.start_worker();
    const JobId id = w.submit(signal_slot_and(signal, "kill -" + signal + " $$"));
    const Job job = w.await_end(id);
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::shutdown);
    CHECK(job.error_code == "shutdown");
}

TEST_CASE("a command that is killed while its slot is not told to stop was not shut down") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const Job job = w.await_end(w.submit("kill -TERM $$"));
    CHECK(job.status == Status::error);
    CHECK(job.reason == Reason::signal);
    CHECK(job.signal == "SIGTERM");
}

TEST_CASE("a command that dies of TERM long after its slot was told to stop was not shut down") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const Job job = w.await_end(w.submit(signal_slot_and("TERM", "sleep 3; kill -TERM $$")));
    CHECK(job.reason == Reason::signal);
    CHECK(job.signal == "SIGTERM");
}

TEST_CASE("a command that ends by itself while its slot is told to stop keeps its outcome") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const Job done = w.await_end(w.submit(signal_slot_and("TERM", "exit 0")));
    CHECK(done.status == Status::done);
    const Job killed = w.await_end(w.submit(signal_slot_and("TERM", "kill -KILL $$")));
    CHECK(killed.reason == Reason::signal);
}

TEST_CASE("a hung-up slot finishes its job, or stops it at the second signal") {
    WorkerCase w;
    const auto worker = w.start_worker();
    const Job done = w.await_end(w.submit(signal_slot_and("HUP", "exit 0")));
    CHECK(done.status == Status::done);
    const Job stopped =
        w.await_end(w.submit(signal_slot_and("TERM", "kill -HUP $PPID; read -r line <> $DIR/go")));
    CHECK(stopped.reason == Reason::shutdown);
}

TEST_CASE("a registered worker names the unit it lives in") {
    WorkerCase w;
    const auto worker = w.start_worker();
    w.await([&] { return !w.store().workers().empty(); });
    CHECK(w.store().workers().at(0).is.unit == to_string(unit_of(worker.pid())));
}

}  // namespace atlasjob
