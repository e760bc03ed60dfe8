#include "ledger/address_files.h"
#include "runner/worker/worker_case.h"

#include <csignal>
#include <filesystem>

namespace atlasjob {

namespace {

using test::WorkerCase;

void pause_after(const WorkerCase& w, bool may) {
    std::filesystem::permissions(
        LedgerFiles::of(w.location()).path, std::filesystem::perms{may ? 0666U : 0600U});
}

TEST_CASE("a worker refuses a ledger writable by others and explains why") {
    WorkerCase w;
    const JobId id = w.submit("true");
    pause_after(w, true);
    CHECK(w.start_worker().wait() == ExitStatus::exited(7));
    CHECK_THAT(w.file("errors"), Catch::Contains("can be written by others"));
    CHECK_THAT(w.file("errors"), Catch::Contains("--any-account"));
    CHECK(w.store().workers().empty());
    CHECK(w.job(id).status == Status::queued);
}

TEST_CASE("a worker with --any-account runs jobs of a ledger writable by others") {
    WorkerCase w;
    const JobId id = w.submit("true");
    pause_after(w, true);
    auto worker = w.start_worker({"--any-account", "--idle-exit", "1"});
    CHECK(w.await_end(id).status == Status::done);
    CHECK(worker.wait() == ExitStatus::exited(0));
}

TEST_CASE("a worker exits without further claims once its ledger becomes writable by others") {
    WorkerCase w;
    auto worker = w.start_worker({"--slots", "2", "--tick", "100"});
    const JobId running = w.submit("echo up > $DIR/up; read -r line < $DIR/go");
    w.await_up();
    pause_after(w, true);
    const JobId later = w.submit("true");
    w.go();
    CHECK(worker.wait() == ExitStatus::exited(7));
    CHECK(w.job(running).status == Status::done);
    CHECK(w.job(later).status == Status::queued);
    CHECK(w.store().workers().empty());
    CHECK(w.slots().empty());
    CHECK_THAT(w.file("errors"), Catch::Contains("can be written by others"));
}

TEST_CASE("no worker is started on demand for a ledger writable by others") {
    WorkerCase w;
    const JobId id = w.submit("true");
    pause_after(w, true);
    CHECK(w.start("ensure", {"--successor"}).wait() == ExitStatus::exited(1));
    CHECK(w.job(id).status == Status::queued);
    CHECK(w.slots().empty());
    pause_after(w, false);
    CHECK(w.start("ensure", {"--successor"}).wait() == ExitStatus::exited(0));
    CHECK(w.await_end(id).status == Status::done);
}

}  // namespace

}  // namespace atlasjob
