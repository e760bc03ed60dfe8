#include "ledger/address_files.h"
#include "store/ledger_case.h"
#include "support/child.h"

#include <fmt/format.h>

#include <set>

using namespace atlasjob;
using namespace atlasjob::test;
namespace fs = std::filesystem;

namespace {

/// A ledger in its own directory, open in a writing store, with a running and a queued job.
struct MovedCase : LedgerCase {
    MovedCase() {
        fs::create_directory(home);
        path = LedgerFiles::of(parse_address(home + "/ledger.db")).path;
        store = open();
        JobFactory jobs{*store, clock};
        attempt = jobs.running();
        queued = jobs.queued();
    }

    void move_directory() {
        fs::rename(home, dir / "moved");
        now = dir / "moved/ledger.db";
    }
    /// Like `mv ledger.db ledger.db-wal ledger.db-shm elsewhere`.
    void move_files() {
        fs::create_directory(dir / "moved");
        now = dir / "moved/ledger.db";
        for (const char* sibling : {"", "-wal", "-shm"})
            fs::rename(path + sibling, now + sibling);
    }
    void move_file_alone() {
        now = home + "/other.db";
        fs::rename(path, now);
    }

    /// The status that another process reads. A second connection in this process would share the
    /// locks of the first.
    int status_elsewhere(const JobId& id) const {
        Child other{[&] {
            const auto reader = open_store(parse_address(now), OpenMode::read);
            return static_cast<int>(reader->get(JobRef::of(id), kAdmin, Detail::summary)->status);
        }};
        return other.wait().code.value_or(-1);
    }
    std::set<std::string> names_in(const std::string& directory) const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator{directory})
            names.insert(entry.path().filename());
        return names;
    }
    std::optional<ErrorCode> submit() {
        return error_of([&] { JobFactory{*store, clock}.queued(); });
    }
    bool finish() { return store->finish(attempt, ended_done(), "alice").has_value(); }

    std::string home = dir / "l";
    std::string now;
    std::unique_ptr<Store> store;
    AttemptKey attempt{JobId::make({})};
    JobId queued = JobId::make({});
};

}  // namespace

TEST_CASE_METHOD(MovedCase, "an attempt finishes in its ledger file after the file was moved") {
    const bool whole_directory = GENERATE(true, false);
    CAPTURE(whole_directory);
    whole_directory ? move_directory() : move_files();
    CHECK(store->heartbeat(attempt, 0).has_value());
    CHECK(store->get(JobRef::of(attempt.job_id), kAdmin, Detail::summary).has_value());
    CHECK(finish());
    CHECK(status_elsewhere(attempt.job_id) == static_cast<int>(Status::done));
    store.reset();
    CHECK(fs::exists(home) == !whole_directory);
    if (!whole_directory)
        CHECK(names_in(home) == std::set<std::string>{"ledger.db.bell", "ledger.db.gate"});
    // Its writers used the lock file at the new path.
    CHECK(names_in(dir / "moved").contains("ledger.db.gate"));
    CHECK(status_elsewhere(queued) == static_cast<int>(Status::queued));
}

TEST_CASE_METHOD(MovedCase, "a moved ledger accepts nothing but the end of running work") {
    move_directory();
    CHECK(submit() == ErrorCode::ledger_moved);
    CHECK(error_of([&] { static_cast<void>(store->claim(worker())); }) == ErrorCode::ledger_moved);
    CHECK(
        error_of([&] {
            static_cast<void>(store->register_worker({some_process(), {}, 1}));
        })
        == ErrorCode::ledger_moved);
    const auto both = store->finish_and_claim(attempt, ended_done(), worker());
    CHECK(both.finished.has_value());
    CHECK_FALSE(both.claim.has_value());
    CHECK_FALSE(fs::exists(home));
}

TEST_CASE_METHOD(MovedCase, "a worker deregisters from a moved ledger") {
    const auto id = store->register_worker({some_process(), {}, 1});
    move_directory();
    CHECK(store->worker_heartbeat(id, true));
    CHECK(store->workers().at(0).draining);
    store->unregister_worker(id);
    CHECK(store->workers().empty());
}

TEST_CASE_METHOD(
    MovedCase, "a ledger moved without its write-ahead log is neither written nor read") {
    move_file_alone();
    const auto before = read_file(now);
    const auto names = names_in(home);
    CHECK(error_of([&] { finish(); }) == ErrorCode::ledger_moved);
    CHECK(error_of([&] { static_cast<void>(store->workers()); }) == ErrorCode::ledger_moved);
    CHECK(submit() == ErrorCode::ledger_moved);
    CHECK(names_in(home) == names);
    store.reset();
    CHECK(names_in(home) == names);
    CHECK(read_file(now) == before);
}

TEST_CASE_METHOD(MovedCase, "a ledger moved away and back works as before") {
    move_directory();
    CHECK(store->heartbeat(attempt, 0).has_value());
    fs::rename(dir / "moved", home);
    CHECK(submit() == std::nullopt);
    CHECK(finish());
}

TEST_CASE_METHOD(MovedCase, "trust is judged by the open ledger file even after a move") {
    const auto before = store->why_untrusted();
    move_directory();
    CHECK(finish());
    CHECK(store->why_untrusted() == before);
}

TEST_CASE_METHOD(MovedCase, "writers of a moved ledger and of its replacement do not interfere") {
    move_files();
    JobFactory{*open(), clock}.queued();
    CHECK(finish());
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
    CHECK(status_elsewhere(attempt.job_id) == static_cast<int>(Status::done));
}

TEST_CASE_METHOD(MovedCase, "a moved ledger stays consistent when opened at its new path") {
    move_directory();
    Child other{[&] {
        FakeClock later;
        const auto writer = open_store(parse_address(now), OpenMode::write);
        for (int n = 0; n < 200; ++n)
            JobFactory{*writer, later}.queued();
        return 0;
    }};
    for (int n = 0; n < 200; ++n)
        CHECK(store->heartbeat(attempt, n).has_value());
    CHECK(other.wait().code == 0);
    CHECK(finish());
    store.reset();
    const auto again = open_store(parse_address(now), OpenMode::read);
    CHECK(again->list({}, kAdmin).total == 202);
    for (const Finding& finding : again->check_health(true))
        CHECK(finding.level != Finding::Level::problem);
}
