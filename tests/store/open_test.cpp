#include "store/ledger_case.h"
#include "support/child.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct OpenCase : LedgerCase {
    std::optional<ErrorCode> refusal(OpenMode mode) {
        return error_of([&] { open(mode); });
    }
    void put(std::string_view content) const {
        const UniqueFd fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        REQUIRE(write_all(fd.get(), content));
    }
    /// Checks that the file at the path is rejected in every mode and that no file changes.
    void check_refused(ErrorCode code) {
        const auto before = files_below(dir.path());
        CHECK(refusal(OpenMode::read) == code);
        CHECK(files_below(dir.path()) == before);
        for (const OpenMode mode : {OpenMode::write, OpenMode::create}) {
            CHECK(refusal(mode) == code);
            CHECK(files_below(dir.path()) == before);
        }
    }
    /// Creates a ledger with `count` jobs and closes it.
    void make_ledger(int count) const {
        const auto store = open();
        JobFactory jobs{*store, clock_};
        for (int i = 0; i < count; ++i)
            jobs.queued();
    }
    /// Creates a ledger and kills its writer, which leaves all content in the WAL.
    void make_ledger_with_wal() const {
        Wire ready;
        Child writer{[&] {
            const auto store = open();
            JobFactory{*store, clock_}.queued();
            ready.send();
            return ::pause();
        }};
        ready.close_sender();
        REQUIRE(ready.receive());
        writer.signal(SIGKILL);
        writer.wait();
        REQUIRE(std::filesystem::file_size(path + "-wal") > 4096);
    }

    mutable FakeClock clock_;
};

bool is_healthy(Store& store) {
    return std::ranges::none_of(store.check_health(true), [](const Finding& finding) {
        return finding.level == Finding::Level::problem;
    });
}

}  // namespace

TEST_CASE_METHOD(OpenCase, "opening a missing ledger for reading creates nothing") {
    CHECK(refusal(OpenMode::read) == ErrorCode::unavailable);
    path = dir / "no/such/directory/ledger.db";
    CHECK(refusal(OpenMode::read) == ErrorCode::unavailable);
    CHECK(files_below(dir.path()).empty());
}

TEST_CASE_METHOD(OpenCase, "a new ledger is accessible to its owner only") {
    path = dir / "state/atlasjob/ledger.db";
    const auto store = open();
    JobFactory{*store, clock_}.queued();
    CHECK(mode_of(dir / "state") == 0700);
    CHECK(mode_of(dir / "state/atlasjob") == 0700);
    for (const char* sibling : {"", "-wal", "-shm", ".gate", ".bell"}) {
        INFO(sibling);
        CHECK(mode_of(path + sibling) == 0600);
    }
}

TEST_CASE_METHOD(OpenCase, "opening a missing ledger for writing creates nothing") {
    CHECK(refusal(OpenMode::write) == ErrorCode::unavailable);
    path = dir / "no/such/directory/ledger.db";
    CHECK(refusal(OpenMode::write) == ErrorCode::unavailable);
    CHECK(files_below(dir.path()).empty());
}

TEST_CASE_METHOD(OpenCase, "an empty database is no ledger until opened for creation") {
    plain_database().exec("CREATE TABLE passing (n); DROP TABLE passing");
    const auto before = files_below(dir.path());
    CHECK(refusal(OpenMode::read) == ErrorCode::unavailable);
    CHECK(refusal(OpenMode::write) == ErrorCode::unavailable);
    CHECK(files_below(dir.path()) == before);
    make_ledger(1);
    CHECK(open(OpenMode::write)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(OpenCase, "an empty file is no ledger until opened for creation") {
    put("");
    CHECK(refusal(OpenMode::read) == ErrorCode::unavailable);
    CHECK(refusal(OpenMode::write) == ErrorCode::unavailable);
    CHECK(files_below(dir.path()) == std::map<std::string, std::string>{{path, ""}});
    make_ledger(1);
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(OpenCase, "a directory in place of the ledger is rejected") {
    std::filesystem::create_directory(path);
    check_refused(ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(OpenCase, "a FIFO in place of the ledger is rejected without blocking") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    check_refused(ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(OpenCase, "a text file is rejected and left unchanged") {
    put(GENERATE(as<std::string>{}, "x", "notes\n", std::string(10'000, 'a')));
    check_refused(ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(OpenCase, "a foreign SQLite database is rejected and left unchanged") {
    const std::string mark = GENERATE(as<std::string>{}, "", "PRAGMA application_id = 1196444487");
    const std::string version = GENERATE(as<std::string>{}, "", "PRAGMA user_version = 1");
    plain_database().exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine');");
    plain_database().exec(mark + ";" + version);
    check_refused(ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(OpenCase, "a foreign SQLite database without tables is rejected") {
    plain_database().exec("PRAGMA application_id = 1196444487");
    check_refused(ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(OpenCase, "a damaged file header is detected although the WAL covers it") {
    make_ledger_with_wal();
    {
        const UniqueFd fd = open_file(path, O_RDWR);
        REQUIRE(::pwrite(fd.get(), "not a database!!", 16, 0) == 16);
    }
    check_refused(ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(OpenCase, "a truncated ledger is not recreated next to its remaining WAL") {
    make_ledger_with_wal();
    std::filesystem::resize_file(path, 0);
    check_refused(ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(OpenCase, "a truncated ledger is reported as damaged") {
    make_ledger(60);
    const auto whole = std::filesystem::file_size(path);
    REQUIRE(whole > 65'536);
    const std::string content = read_file(path).value();
    for (std::size_t length = whole - 1; length > 0;
         length -= std::min<std::size_t>(length, 3001)) {
        INFO("truncated to " << length << " of " << whole);
        put(std::string_view{content}.substr(0, length));
        bool healthy = true;
        const auto code = error_of([&] { healthy = is_healthy(*open(OpenMode::read)); });
        CHECK(code.value_or(ErrorCode::not_a_ledger) == ErrorCode::not_a_ledger);
        CHECK((code || !healthy));
        std::filesystem::remove(path + "-wal");
        std::filesystem::remove(path + "-shm");
    }
}

TEST_CASE_METHOD(OpenCase, "the last writer to close removes the WAL") {
    auto first = open();
    JobFactory{*first, clock_}.queued();
    auto second = open();
    first.reset();
    CHECK(exists(path + "-wal"));
    JobFactory{*second, clock_}.queued();
    second.reset();
    CHECK_FALSE(exists(path + "-wal"));
    CHECK_FALSE(exists(path + "-shm"));
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 2);
}

TEST_CASE_METHOD(OpenCase, "a closing writer keeps the WAL while another holds the writer lock") {
    auto leaving = open();
    JobFactory{*leaving, clock_}.queued();
    auto staying = open();
    JobFactory{*staying, clock_}.queued();
    {
        sqlite::WriterLock lock{path};
        const auto held = lock.enter();
        leaving.reset();
        CHECK(exists(path + "-wal"));
    }
    staying.reset();
    CHECK_FALSE(exists(path + "-wal"));
}

TEST_CASE_METHOD(OpenCase, "the WAL of a killed writer is recovered") {
    make_ledger_with_wal();
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
    make_ledger(1);
    CHECK_FALSE(exists(path + "-wal"));
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 2);
}

TEST_CASE_METHOD(OpenCase, "a store opened for reading rejects writes") {
    make_ledger(1);
    const auto reader = open(OpenMode::read);
    JobFactory jobs{*reader, clock_};
    CHECK(error_of([&] { jobs.queued(); }) == ErrorCode::refused);
    CHECK(error_of([&] { reader->optimize(); }) == ErrorCode::refused);
    CHECK(reader->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(OpenCase, "opening in an unwritable directory reports it") {
    std::filesystem::create_directory(dir / "closed");
    std::filesystem::permissions(dir.path(), std::filesystem::perms{0755});
    std::filesystem::permissions(dir / "closed", std::filesystem::perms{0555});
    path = dir / "closed/ledger.db";
    Child other_account{[&] {
        // Root can write everywhere, so become another account.
        if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 2;
        return error_of([&] { open(); }) == ErrorCode::unavailable ? 0 : 1;
    }};
    CHECK(other_account.wait().code == 0);
    CHECK(files_below(dir / "closed").empty());
    std::filesystem::permissions(dir / "closed", std::filesystem::perms{0755});
}

TEST_CASE_METHOD(
    OpenCase, "a ledger in a directory that cannot be written is read as it is, while it changes") {
    make_ledger(1);
    std::filesystem::permissions(path, std::filesystem::perms{0644});
    std::filesystem::permissions(dir.path(), std::filesystem::perms{0555});
    Wire has_read;
    Wire written;
    Child other_account{[&] {
        if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 2;
        const auto store = open(OpenMode::read);
        if (store->list({}, kAdmin).total != 1) return 3;
        has_read.send();
        written.receive();
        if (store->list({}, kAdmin).total != 2) return 4;
        return error_of([&] { open(OpenMode::write); }) == ErrorCode::unavailable ? 0 : 5;
    }};
    has_read.receive();
    std::filesystem::permissions(dir.path(), std::filesystem::perms{0755});
    make_ledger(1);
    std::filesystem::permissions(dir.path(), std::filesystem::perms{0555});
    written.send();
    CHECK(other_account.wait().code == 0);
    std::filesystem::permissions(dir.path(), std::filesystem::perms{0755});
}

TEST_CASE_METHOD(OpenCase, "a reader leaves nothing beside a ledger that nobody writes") {
    make_ledger(1);
    SECTION("a ledger") {}
    SECTION("a backup") {
        std::filesystem::remove(path + ".gate");
        std::filesystem::remove(path + ".bell");
    }
    SECTION("what a killed reader has left") {
        std::ofstream{path + "-wal"};
    }
    auto before = files_below(dir.path());
    before.erase(path + "-wal");
    {
        const auto first = open(OpenMode::read);
        CHECK(first->list({}, kAdmin).total == 1);
        const auto second = open(OpenMode::read);
        CHECK(second->list({}, kAdmin).total == 1);
        CHECK_THROWS_AS(first->optimize(), Error);
    }
    CHECK(files_below(dir.path()) == before);
    inspect_schema(parse_address(path));
    CHECK(files_below(dir.path()) == before);
}

TEST_CASE_METHOD(OpenCase, "a reader that leaves last keeps what a writer has committed") {
    make_ledger(1);
    auto reader = open(OpenMode::read);
    CHECK(reader->list({}, kAdmin).total == 1);
    make_ledger(1);
    CHECK(reader->list({}, kAdmin).total == 2);
    reader.reset();
    CHECK_FALSE(exists(path + "-wal"));
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 2);
}

TEST_CASE_METHOD(OpenCase, "a ledger whose last pages are missing is damaged for every command") {
    make_ledger(1);
    const auto whole = std::filesystem::file_size(path);
    std::filesystem::resize_file(path, whole - GENERATE(1U, 4096U, 65'536U));
    const auto before = files_below(dir.path());
    CHECK(refusal(OpenMode::read) == ErrorCode::not_a_ledger);
    CHECK(refusal(OpenMode::write) == ErrorCode::not_a_ledger);
    CHECK(refusal(OpenMode::create) == ErrorCode::not_a_ledger);
    CHECK(files_below(dir.path()) == before);
}
