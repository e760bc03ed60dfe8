#include "ledger/address_files.h"
#include "store/ledger_case.h"

#include <unistd.h>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// Changes the working directory; the destructor changes it back.
class WorkingDirectory {
  public:
    explicit WorkingDirectory(const std::filesystem::path& path)
        : before_(std::filesystem::current_path()) {
        std::filesystem::current_path(path);
    }
    WorkingDirectory(const WorkingDirectory&) = delete;
    WorkingDirectory& operator=(const WorkingDirectory&) = delete;
    ~WorkingDirectory() { std::filesystem::current_path(before_); }

  private:
    std::filesystem::path before_;
};

}  // namespace

TEST_CASE_METHOD(LedgerCase, "a ledger location of an unsupported kind is rejected by name") {
    const WorkingDirectory here{dir.path()};
    const std::string location = GENERATE(
        as<std::string>{}, "", "sqlite:", "file:ledger.db", "file:///tmp/x.db?mode=ro",
        "file:x?vfs=unix-none", "postgresql://db/jobs", "postgresql:", "postgres://db/jobs");
    INFO(location);
    try {
        parse_address(location);
        FAIL("the location was accepted");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_THAT(error.message(), Catch::Contains('"' + location + '"'));
        CHECK_FALSE(error.hint().empty());
    }
    CHECK(files_below(dir.path()).empty());
}

TEST_CASE_METHOD(LedgerCase, "a password in a ledger location is never printed") {
    const std::string location = GENERATE(
        as<std::string>{}, "postgresql://user:sec@ret@db/jobs", "postgres://:sec@ret@db:5432/jobs",
        "postgresql://db/jobs?user=x&password=sec@ret");
    try {
        parse_address(location);
        FAIL("the location was accepted");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), !Catch::Contains("sec"));
        CHECK_THAT(error.message(), Catch::Contains("PostgreSQL"));
    }
}

TEST_CASE_METHOD(LedgerCase, "a relative location is made absolute immediately") {
    const WorkingDirectory here{dir.path()};
    for (const char* location : {"ledger.db", "./ledger.db", "sqlite:ledger.db", "x/../ledger.db"})
        CHECK(LedgerFiles::of(parse_address(location)).path == path);
    CHECK(LedgerFiles::of(parse_address("ledger.db")).logs_root == path + ".logs");
    CHECK(files_below(dir.path()).empty());
}

TEST_CASE_METHOD(LedgerCase, "a location through symbolic links resolves to the real file") {
    open();
    std::filesystem::create_directory_symlink(dir.path(), dir / "door");
    std::filesystem::create_symlink(path, dir / "name.db");
    CHECK(LedgerFiles::of(parse_address(dir / "door/ledger.db")).path == path);
    CHECK(LedgerFiles::of(parse_address(dir / "name.db")).path == path);
    CHECK(LedgerFiles::of(parse_address(dir / "door/new/ledger.db")).path == dir / "new/ledger.db");
}

TEST_CASE_METHOD(LedgerCase, "a path that looks like an SQLite URI is a plain file name") {
    const WorkingDirectory here{dir.path()};
    const std::string name = "file:odd?mode=memory";
    const auto location = parse_address("./" + name);
    JobFactory{*open_store(location, OpenMode::create, clock), clock}.queued();
    CHECK(exists(dir / name));
    CHECK(open_store(location, OpenMode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(
    LedgerCase, "a link created after a ledger was located leads to the same writer lock") {
    const auto early = parse_address(dir / "link.db");
    JobFactory{*open(), clock}.queued();
    std::filesystem::remove(path + ".gate");
    std::filesystem::create_symlink(path, LedgerFiles::of(early).path);
    JobFactory{*open_store(early, OpenMode::write, clock), clock}.queued();
    CHECK(exists(path + ".gate"));
    CHECK_FALSE(exists(LedgerFiles::of(early).path + ".gate"));
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 2);
}
