#include "store/ledger_case.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace atlasjob;
using namespace atlasjob::test;
using namespace std::chrono_literals;

namespace {

/// A ledger with one running job, and a watch on it with no pending notification.
struct ChangeSignalCase : LedgerCase {
    ChangeSignalCase() { drain(); }

    void submit() { jobs.queued(jobs.created_spec()); }
    bool notified() { return watch->wait(0ms); }
    void drain() {
        while (notified()) {
        }
    }
    std::string signal_file() const { return path + ".bell"; }

    std::unique_ptr<Store> store = open();
    JobFactory jobs{*store, clock};
    AttemptKey attempt = jobs.running();
    std::unique_ptr<ChangeWatch> watch = open(OpenMode::read)->watch_changes();
};

}  // namespace

TEST_CASE_METHOD(ChangeSignalCase, "the change signal is raised once a change is committed") {
    CHECK_FALSE(notified());
    submit();
    CHECK(notified());
    CHECK_FALSE(notified());
}

TEST_CASE_METHOD(ChangeSignalCase, "reports raise the change signal and heartbeats do not") {
    REQUIRE(store->heartbeat(attempt, 10).has_value());
    CHECK_FALSE(notified());
    REQUIRE(store->note_process(attempt, some_process(99)));
    CHECK_FALSE(notified());
    Report report;
    report.progress = 0.5;
    REQUIRE(store->report(attempt, report).has_value());
    CHECK(notified());
}

TEST_CASE_METHOD(ChangeSignalCase, "the change signal is not raised if nothing was written") {
    CHECK_FALSE(store->claim(worker()).has_value());
    CHECK_FALSE(notified());
    REQUIRE(error_of([&] { store->retry(attempt.job_id, "alice"); }));
    CHECK_FALSE(notified());
}

TEST_CASE_METHOD(ChangeSignalCase, "several changes between two checks count as one") {
    submit();
    submit();
    submit();
    CHECK(notified());
    CHECK_FALSE(notified());
}

TEST_CASE_METHOD(
    ChangeSignalCase, "a watch is notified after the signal file was removed and recreated") {
    std::filesystem::remove(signal_file());
    drain();
    submit();
    CHECK(notified());
    drain();
    submit();
    CHECK(notified());
}

TEST_CASE_METHOD(ChangeSignalCase, "writer and watch both switch to a replaced signal file") {
    const std::string other = dir / "other";
    REQUIRE(open_file(other, O_RDWR | O_CREAT, 0600).valid());
    std::filesystem::rename(other, signal_file());
    drain();
    submit();
    CHECK(notified());
}

TEST_CASE_METHOD(LedgerCase, "a watch older than the signal file gets its first notification") {
    const auto watch = open()->watch_changes();
    std::filesystem::remove(path + ".bell");
    while (watch->wait(0ms)) {
    }
    const auto store = open();
    JobFactory{*store, clock}.queued();
    CHECK(watch->wait(0ms));
}

TEST_CASE_METHOD(ChangeSignalCase, "notifying does not change the signal file on disk") {
    submit();
    struct stat before {};
    struct stat after {};
    REQUIRE(::stat(signal_file().c_str(), &before) == 0);
    submit();
    submit();
    REQUIRE(::stat(signal_file().c_str(), &after) == 0);
    CHECK(before.st_size == 1);
    CHECK(after.st_size == 1);
    CHECK(after.st_mtim.tv_sec == before.st_mtim.tv_sec);
    CHECK(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
    CHECK(after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
    CHECK(after.st_atim.tv_nsec == before.st_atim.tv_nsec);
}

TEST_CASE_METHOD(
    ChangeSignalCase, "truncating or touching the signal file notifies the watch too") {
    submit();
    drain();
    REQUIRE(::truncate(signal_file().c_str(), 0) == 0);
    drain();
    submit();
    CHECK(notified());
    drain();
    REQUIRE(::utimensat(AT_FDCWD, signal_file().c_str(), nullptr, 0) == 0);
    CHECK(notified());
}

TEST_CASE_METHOD(ChangeSignalCase, "a watch is one readable descriptor for an event loop") {
    const int fd = watch->fd();
    REQUIRE(fd >= 0);
    submit();
    CHECK(notified());
    CHECK(watch->fd() == fd);
}
