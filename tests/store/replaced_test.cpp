#include "store/ledger_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// A ledger with one job, open in a store, and a spare ledger with two jobs.
struct ReplacedCase : LedgerCase {
    ReplacedCase() {
        jobs.queued();
        const auto store_of_two = open_store(parse_address(spare), OpenMode::create);
        JobFactory two{*store_of_two, clock};
        two.queued();
        two.queued();
    }

    /// Like restoring a backup: the old ledger is removed with its WAL.
    void replace() const {
        remove();
        std::filesystem::rename(spare, path);
    }
    void remove() const {
        for (const char* sibling : {"", "-wal", "-shm"})
            std::filesystem::remove(path + sibling);
    }
    std::optional<ErrorCode> submit() {
        return error_of([&] { jobs.queued(); });
    }
    static std::int64_t total_of(Store& any) { return any.list({}, kAdmin).total; }

    std::string spare = dir / "spare.db";
    std::unique_ptr<Store> store = open();
    JobFactory jobs{*store, clock};
};

}  // namespace

TEST_CASE_METHOD(ReplacedCase, "a writing store keeps its file after the path was replaced") {
    replace();
    CHECK(submit() == ErrorCode::ledger_moved);
    CHECK(submit() == ErrorCode::ledger_moved);
    CHECK(error_of([&] { total_of(*store); }) == ErrorCode::ledger_moved);
    CHECK(total_of(*open(OpenMode::read)) == 2);
    JobFactory{*open(OpenMode::write), clock}.queued();
    CHECK(total_of(*open(OpenMode::read)) == 3);
}

TEST_CASE_METHOD(ReplacedCase, "a reading store switches to the file now at the path") {
    const auto reader = open(OpenMode::read);
    CHECK(total_of(*reader) == 1);
    replace();
    CHECK(total_of(*reader) == 2);
}

TEST_CASE_METHOD(
    ReplacedCase, "a removed ledger is reported missing and never recreated by open stores") {
    const auto reader = open(OpenMode::read);
    CHECK(total_of(*reader) == 1);
    remove();
    const auto before = files_below(dir.path());
    CHECK(error_of([&] { total_of(*reader); }) == ErrorCode::unavailable);
    CHECK(error_of([&] { total_of(*store); }) == ErrorCode::ledger_moved);
    CHECK(submit() == ErrorCode::ledger_moved);
    CHECK(error_of([&] { store->optimize(); }) == ErrorCode::ledger_moved);
    store.reset();
    CHECK(files_below(dir.path()) == before);
    // Only a new open in create mode recreates it.
    CHECK(error_of([&] { open(OpenMode::write); }) == ErrorCode::unavailable);
    JobFactory{*open(OpenMode::create), clock}.queued();
    CHECK(total_of(*reader) == 1);
}

TEST_CASE_METHOD(ReplacedCase, "closing a replaced ledger keeps the WAL of the new one") {
    replace();
    const auto newcomer = open();
    JobFactory{*newcomer, clock}.queued();
    REQUIRE(exists(path + "-wal"));
    store.reset();
    CHECK(exists(path + "-wal"));
    CHECK(total_of(*open(OpenMode::read)) == 3);
}
