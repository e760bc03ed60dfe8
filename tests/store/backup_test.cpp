#include "store/ledger_case.h"
#include "support/child.h"
#include "support/ledger_audit.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct BackupCase : LedgerCase {
    std::string file = dir / "copy.db";

    void back_up(Store& store, bool replace = false) const {
        store.back_up({file, replace}, [](std::int64_t, std::int64_t) {});
    }
    std::int64_t jobs_in_copy() const {
        return open_store(parse_address(file), OpenMode::read)->list({}, kAdmin).total;
    }
    /// Sorted names of all files in the ledger's directory.
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator{dir.path()})
            found.push_back(entry.path().filename());
        std::ranges::sort(found);
        return found;
    }
};

}  // namespace

TEST_CASE_METHOD(BackupCase, "a backup is a complete ledger with mode 0600") {
    const auto store = open();
    JobFactory jobs{*store, clock};
    for (const Status status : kStatuses)
        jobs.in(status, jobs.created_spec());
    // The mode must not depend on the umask.
    const mode_t mask = ::umask(0);
    back_up(*store);
    ::umask(mask);
    CHECK(mode_of(file) == 0600);
    CHECK_THAT(contradictions(file), Catch::Equals(std::vector<std::string>{}));
    CHECK(jobs_in_copy() == 5);
    const auto copy = open_store(parse_address(file), OpenMode::create, clock);
    JobFactory{*copy, clock}.queued();
    CHECK(copy->list({}, kAdmin).total == 6);
    CHECK(store->list({}, kAdmin).total == 5);
}

TEST_CASE_METHOD(BackupCase, "a backup reports its progress up to the end") {
    const auto store = open();
    std::int64_t last = -1;
    std::int64_t whole = 0;
    store->back_up({file, false}, [&](std::int64_t done, std::int64_t total) {
        CHECK(done > last);
        CHECK(done <= total);
        last = done;
        whole = total;
    });
    CHECK(last == whole);
    CHECK(whole > 0);
}

TEST_CASE_METHOD(BackupCase, "an existing file is replaced only on request") {
    const auto store = open();
    JobFactory jobs{*store, clock};
    jobs.queued();
    std::ofstream{file} << "mine";
    CHECK(error_of([&] { back_up(*store); }) == ErrorCode::refused);
    CHECK(read_file(file) == "mine");
    back_up(*store, true);
    CHECK(jobs_in_copy() == 1);
    CHECK(mode_of(file) == 0600);
}

TEST_CASE_METHOD(BackupCase, "the ledger itself and a database in use are never replaced") {
    const auto store = open();
    file = path;
    CHECK(error_of([&] { back_up(*store, true); }) == ErrorCode::refused);
    file = dir / "link.db";
    std::filesystem::create_symlink(path, file);
    CHECK(error_of([&] { back_up(*store, true); }) == ErrorCode::refused);
    file = dir / "used.db";
    std::ofstream{file} << "x";
    std::ofstream{file + "-wal"} << "x";
    CHECK(error_of([&] { back_up(*store, true); }) == ErrorCode::refused);
    CHECK(read_file(file) == "x");
    CHECK(store->list({}, kAdmin).total == 0);
}

TEST_CASE_METHOD(BackupCase, "an interrupted backup leaves no files behind") {
    const auto store = open();
    const auto before = names();
    const auto interrupt = [](std::int64_t, std::int64_t) {
        throw Error(ErrorCode::unavailable, "enough");
    };
    CHECK(error_of([&] { store->back_up({file, false}, interrupt); }) == ErrorCode::unavailable);
    CHECK(names() == before);
}

TEST_CASE_METHOD(BackupCase, "the error of a backup names the file that cannot be written") {
    const auto store = open();
    file = dir / "no such directory/copy.db";
    try {
        back_up(*store);
        FAIL("the backup succeeded");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
        CHECK_THAT(error.message(), Catch::Contains(file));
    }
}

TEST_CASE_METHOD(BackupCase, "every backup is consistent while another process writes") {
    { const auto store = open(); }
    Wire begun;
    Child writer{[&] {
        const auto store = open();
        JobFactory jobs{*store, clock};
        for (int i = 0; i < 1000; ++i) {
            jobs.in(Status::done, jobs.created_spec());
            if (i == 20) begun.send();
        }
        return 0;
    }};
    begun.close_sender();
    REQUIRE(begun.receive());
    std::int64_t before = 0;
    for (int i = 0; i < 8; ++i) {
        back_up(*open(OpenMode::read), true);
        CHECK_THAT(contradictions(file), Catch::Equals(std::vector<std::string>{}));
        const std::int64_t jobs = jobs_in_copy();
        CHECK(jobs >= std::max<std::int64_t>(before, 20));
        before = jobs;
    }
    writer.wait();
}
