#include "store/ledger_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// A ledger with one job that is open in one store, and another ledger with two.
struct ReplacedCase : LedgerCase {
    ReplacedCase() {
        jobs.queued();
        const auto store_of_two = open_store(locate_ledger(spare), OpenMode::write);
        JobFactory two{*store_of_two, clock};
        two.queued();
        two.queued();
    }

    /// As a backup is put back: the old ledger's WAL goes with the old ledger.
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

TEST_CASE_METHOD(ReplacedCase, "a ledger replaced while open is written to only when reopened") {
    replace();
    CHECK(submit() == ErrorCode::unavailable);
    CHECK(submit() == std::nullopt);
    CHECK(total_of(*store) == 3);
    CHECK(total_of(*open(OpenMode::read)) == 3);
}

TEST_CASE_METHOD(ReplacedCase, "a ledger replaced while open is read as it is now") {
    const auto reader = open(OpenMode::read);
    CHECK(total_of(*reader) == 1);
    replace();
    CHECK(total_of(*reader) == 2);
    CHECK(total_of(*store) == 2);
}

TEST_CASE_METHOD(
    ReplacedCase, "a ledger removed while open is missing to readers, made by writers") {
    const auto reader = open(OpenMode::read);
    CHECK(total_of(*reader) == 1);
    remove();
    CHECK(error_of([&] { total_of(*reader); }) == ErrorCode::unavailable);
    // Nor does a writer that reads make one.
    CHECK(error_of([&] { total_of(*store); }) == ErrorCode::unavailable);
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(submit() == std::nullopt);
    CHECK(total_of(*reader) == 1);
}

TEST_CASE_METHOD(
    ReplacedCase, "closing a ledger that was replaced leaves the new one's WAL alone") {
    replace();
    const auto newcomer = open();
    JobFactory{*newcomer, clock}.queued();
    REQUIRE(exists(path + "-wal"));
    store.reset();
    CHECK(exists(path + "-wal"));
    CHECK(total_of(*open(OpenMode::read)) == 3);
}
