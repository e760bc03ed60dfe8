#include "base/error.h"
#include "ledger/address_files.h"
#include "logs/log_files.h"
#include "logs/log_folder.h"
#include "logs/open.h"
#include "runner/worker/worker_lock.h"
#include "support/child.h"
#include "support/fake_clock.h"
#include "support/planted_cases.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

constexpr Stream kOut = Stream::standard_output;

uid_t owner_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_uid;
}

/// The log and the input pipe of a job in a ledger owned by `owner`.
struct Case {
    explicit Case(uid_t owner = ::geteuid()) {
        { const UniqueFd made = open_file(ledger, O_RDWR | O_CREAT, 0600); }
        if (::geteuid() == 0) {
            REQUIRE(::chown(ledger.c_str(), owner, owner) == 0);
            REQUIRE(::chown(dir.path().c_str(), owner, owner) == 0);
        }
        fs::create_directory(targets);
    }

    std::unique_ptr<LogWriter> log() const { return logs->open_writer({id, 1, 1 << 20}); }
    /// Writes to the log; creates it and the folders above it.
    void write(const std::string& text) const { log()->write(kOut, text); }
    std::vector<std::string> tail() const {
        std::vector<std::string> texts;
        for (const LogLine& line : logs->follow(id, {1, 1})->skip_to_tail({10}))
            texts.push_back(line.text);
        return texts;
    }
    std::string page() const { return logs->page({id}, 0, 1000).text; }
    std::string followed() const {
        std::string text;
        const auto follower = logs->follow(id, {1, 1});
        while (
            follower->read_some({[&](const LogRecord& record) { text += record.text; }, [] {}})) {
        }
        return text;
    }
    std::vector<std::string> directories() const { return {root, folder}; }

    TempDir dir;
    std::string ledger = dir / "ledger.db";
    std::string root = ledger + ".logs";
    std::string targets = dir / "targets";
    FakeClock clock;
    std::unique_ptr<LogStore> logs = open_logs(LedgerFiles::address_of(ledger), clock);
    JobId id = JobId::make(clock.now());
    std::string folder = log_directory(root, id);
    std::string file = log_path(root, id, 1);
    std::string input = input_path(root, id, 1);
};

/// Replaces `directory` by a copy owned by another account, or by a symbolic link to the original.
void forge(const Case& c, const std::string& directory, bool link) {
    c.write("true\n");
    const std::string away = c.dir / "away";
    fs::rename(directory, away);
    if (link) {
        fs::create_directory_symlink(away, directory);
    } else {
        fs::copy(away, directory, fs::copy_options::recursive);
        REQUIRE(::chown(directory.c_str(), kStranger, kStranger) == 0);
    }
}

}  // namespace

TEST_CASE("planted log folders are not written to") {
    for (const std::size_t depth : {0U, 1U}) {
        for (const Plant plant : plants()) {
            const Case c;
            INFO(depth << ": " << name_of(plant));
            if (depth == 1) LogFolder::make_root(c.root);
            const std::string directory = c.directories()[depth];
            const Planted planted{plant, directory, c.targets, ::geteuid()};
            const bool real = plant == Plant::directory;
            const auto obstacle = c.log()->why_unwritable();
            CHECK(obstacle.has_value() != real);
            if (obstacle) CHECK_THAT(*obstacle, Contains(directory));
            const auto log = c.log();
            log->write(kOut, "line\n");
            CHECK((log->unwritten_bytes() > 0) != real);
            CHECK((refusal([&] { c.logs->input().open(c.id, 1); }) == "(no refusal)") == real);
            if (!real) CHECK(planted.untouched());
        }
    }
}

TEST_CASE("a planted log file is neither written nor read") {
    for (const Plant plant : plants()) {
        const Case c;
        LogFolder::make(c.folder);
        const Planted planted{plant, c.file, c.targets, ::geteuid()};
        INFO(name_of(plant));
        {
            const auto log = c.log();
            log->write(kOut, "line\n");
            CHECK(log->unwritten_bytes() > 0);
        }
        CHECK(planted.untouched());
        CHECK(log_files(c.root, c.id).empty());
        CHECK(c.page().empty());
        CHECK(c.followed().empty());
        CHECK_FALSE(open_log_file(c.file));
    }
}

TEST_CASE("a symbolic link to another job's log is not read") {
    const Case c;
    c.write("true\n");
    const JobId other = JobId::make(from_ms(1));
    const LogFolder folder = LogFolder::make(log_directory(c.root, other));
    fs::create_symlink(c.file, log_path(c.root, other, 1));
    CHECK(log_files(c.root, other).empty());
    CHECK(c.tail() == std::vector<std::string>{"true"});
}

TEST_CASE("output in a planted folder is not read and the error names the folder") {
    for (const bool link : {true, false}) {
        if (!link && ::geteuid() != 0) continue;
        for (const std::size_t depth : {0U, 1U}) {
            const Case c;
            const std::string directory = c.directories()[depth];
            forge(c, directory, link);
            INFO(directory << (link ? ": a link" : ": of another account"));
            CHECK_THAT(refusal([&] { c.tail(); }), Contains(directory));
            CHECK_THAT(refusal([&] { c.page(); }), Contains(directory));
            CHECK_THAT(refusal([&] { c.followed(); }), Contains(directory));
            CHECK_THAT(
                refusal([&] { c.logs->input().send(c.id, 1, "x", {}); }), Contains(directory));
            CHECK(c.logs->remove(std::array{PrunedJob{c.id, 0, 1}}) == 0);
            CHECK(c.logs->sweep([](const LogEntry&) { return SweepVerdict::remove; }) == 0);
            CHECK_FALSE(remove_log_file(c.file));
            CHECK(fs::exists(c.file));
        }
    }
}

TEST_CASE("a log folder writable by others is not used") {
    const Case c;
    c.write("true\n");
    fs::permissions(c.root, fs::perms{0777});
    CHECK_THAT(refusal([&] { c.page(); }), Contains(c.root + " can be written by others"));
    CHECK(c.log()->why_unwritable().has_value());
    fs::permissions(c.root, fs::perms{0700});
    CHECK(c.page() == "true\n");
}

TEST_CASE("a planted input pipe gets no input and is replaced by a real one") {
    for (const Plant plant : plants()) {
        const Case c;
        LogFolder::make(c.folder);
        const Planted planted{plant, c.input, c.targets, ::geteuid()};
        INFO(name_of(plant));
        auto state = SendResult::State::not_accepting;
        const std::string message =
            refusal([&] { state = c.logs->input().send(c.id, 1, "x", milliseconds{1}).state; });
        CHECK(state == SendResult::State::not_accepting);
        CHECK_THAT(message, Contains(c.input) || Contains("(no refusal)"));
        CHECK(planted.untouched());
        if (plant == Plant::directory) continue;
        const auto pipe = c.logs->input().open(c.id, 1);
        CHECK(fs::is_fifo(fs::symlink_status(c.input)));
        CHECK(owner_of(c.input) == ::geteuid());
    }
}

TEST_CASE("files created by root for another account's ledger belong to that account") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can be another account");
        return;
    }
    const Case c{kNobody};
    c.write("true\n");
    const auto pipe = c.logs->input().open(c.id, 1);
    for (const std::string& path : {c.root, c.folder, c.file, c.input}) {
        INFO(path);
        CHECK(owner_of(path) == kNobody);
    }
    CHECK(c.page() == "true\n");
    for_each_plant(c.file, c.targets, kNobody, [&](Plant) { c.write("line\n"); });
}

TEST_CASE("an account can read a log folder owned by root but not one of a third account") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can be another account");
        return;
    }
    const Case c{kNobody};
    LogFolder::make_root(c.root);
    REQUIRE(::chown(c.root.c_str(), 0, 0) == 0);
    c.write("true\n");
    fs::permissions(c.root, fs::perms{0755});
    const auto read_result = [&] {
        Child reader{[&] {
            if (!become(kNobody)) return 3;
            try {
                return c.page() == "true\n" ? 0 : 1;
            } catch (const Error&) {
                return 2;
            }
        }};
        return reader.wait().code;
    };
    CHECK(read_result() == 0);
    REQUIRE(::chown(c.root.c_str(), kStranger, kStranger) == 0);
    CHECK(read_result() == 2);
}

TEST_CASE("a planted worker lock file is refused and left untouched") {
    for (const uid_t owner : {::geteuid(), kNobody}) {
        if (owner != ::geteuid() && ::geteuid() != 0) continue;
        const Case c{owner};
        const std::string lock = c.ledger + ".worker";
        INFO("ledger of uid " << owner);
        for_each_plant(lock, c.targets, owner, [&](Plant) {
            CHECK_THAT(
                refusal([&] {
                    static_cast<void>(WorkerLock::try_take(LedgerFiles::address_of(c.ledger)));
                }),
                Contains(lock));
        });
        CHECK(WorkerLock::try_take(LedgerFiles::address_of(c.ledger)).has_value());
        CHECK(owner_of(lock) == owner);
    }
}
