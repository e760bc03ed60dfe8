#include "base/file.h"
#include "ledger/address_files.h"
#include "logs/log_files.h"
#include "logs/log_folder.h"
#include "logs/open.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace atlasjob {

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

struct Fixture {
    test::TempDir dir;
    test::FakeClock clock;
    std::string root = dir / "ledger.db.logs";
    std::unique_ptr<LogStore> logs = open_logs(LedgerFiles::address_of(dir / "ledger.db"), clock);
    JobId id = JobId::make(clock.now());

    void write(const JobId& job) const {
        logs->open_writer({job, 1, 1 << 20})->write(Stream::standard_output, "x\n");
    }
};

}  // namespace

TEST_CASE("a file store creates nothing by being opened, read, swept or checked") {
    const Fixture f;
    CHECK(f.logs->page({f.id}, 0, 100).text.empty());
    CHECK(f.logs->sweep([](const LogEntry&) { return SweepVerdict::remove; }) == 0);
    CHECK(f.logs->input().list().empty());
    CHECK(f.logs->check().text == "no job output yet");
    CHECK(f.logs->check().ok);
    CHECK_FALSE(fs::exists(f.root));
}

TEST_CASE("the output of an attempt is displayed as its path") {
    const Fixture f;
    f.write(f.id);
    CHECK(f.logs->display() == f.root);
    CHECK(f.logs->display(f.id, 1) == log_path(f.root, f.id, 1));
    CHECK(fs::exists(f.logs->display(f.id, 1).value()));
}

TEST_CASE("the check names a root or a folder that others can use, and the fix") {
    const Fixture f;
    f.write(f.id);
    CHECK(f.logs->check().text == f.root + " is 0700: accessible to its owner only");
    fs::permissions(f.root, fs::perms{0755});
    CHECK_FALSE(f.logs->check().ok);
    CHECK(f.logs->check().text == f.root + " is 0755: accessible to other accounts");
    CHECK(f.logs->check().fix == "chmod 0700 " + f.root);
    fs::permissions(f.root, fs::perms{0700});
    const std::string folder = log_directory(f.root, f.id);
    fs::permissions(folder, fs::perms{0777});
    CHECK_FALSE(f.logs->check().ok);
    CHECK_THAT(f.logs->check().text, Contains(folder + " can be written by others"));
}

TEST_CASE("a sweep leaves other files and folders that fail the checks alone") {
    const Fixture f;
    f.write(f.id);
    const std::string folder = log_directory(f.root, f.id);
    const std::string notes = folder + "/notes.txt";
    { const UniqueFd made = open_file(notes, O_CREAT | O_WRONLY, 0600); }
    const auto remove = [](const LogEntry&) { return SweepVerdict::remove; };
    fs::permissions(folder, fs::perms{0777});
    CHECK(f.logs->sweep(remove) == 0);
    CHECK(f.logs->remove(std::array{PrunedJob{f.id, 0, 1}}) == 0);
    fs::permissions(folder, fs::perms{0700});
    CHECK(f.logs->sweep(remove) == 1);
    CHECK(fs::exists(notes));
    CHECK_FALSE(fs::exists(log_path(f.root, f.id, 1)));
}

TEST_CASE("a regular file in place of the log directory is not healthy") {
    const Fixture f;
    std::ofstream{f.root} << "x";
    CHECK_FALSE(f.logs->check().ok);
}

TEST_CASE("a log directory that is a link or foreign or writable by others is not healthy") {
    if (geteuid() != 0) {
        WARN("skipped: takes root");
        return;
    }
    const Fixture f;
    fs::create_directory(f.dir / "elsewhere");
    fs::create_directory_symlink(f.dir / "elsewhere", f.root);
    CHECK_FALSE(f.logs->check().ok);
    CHECK(f.logs->check().text == f.root + " is a symbolic link");
    fs::remove(f.root);
    fs::create_directories(f.root + "/0a");
    fs::permissions(f.root, fs::perms{0700});
    CHECK(f.logs->check().ok);
    fs::permissions(f.root + "/0a", fs::perms{0777});
    CHECK(f.logs->check().fix == "chmod go-w " + f.root + "/0a");
    fs::remove(f.root + "/0a");
    fs::create_directory_symlink(f.dir / "elsewhere", f.root + "/0a");
    CHECK(f.logs->check().text == f.root + "/0a is a symbolic link");
    fs::remove(f.root + "/0a");
    constexpr uid_t kStranger = 12345;
    REQUIRE(chown(f.root.c_str(), kStranger, kStranger) == 0);
    CHECK_THAT(f.logs->check().text, Contains("another account (uid 12345)"));
}

}  // namespace atlasjob
