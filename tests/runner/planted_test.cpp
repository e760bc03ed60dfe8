#include "support/planted.h"

#include "base/error.h"
#include "logs/log_folder.h"
#include "logs/log_follower.h"
#include "logs/log_page.h"
#include "logs/output_log.h"
#include "runner/attempt/command_input.h"
#include "runner/worker/worker_lock.h"
#include "support/child.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kNobody = 65534;
constexpr Stream kOut = Stream::standard_output;

uid_t owner_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_uid;
}

/// The output of one job of a ledger whose owner is `owner`.
struct Case {
    explicit Case(uid_t owner = ::geteuid()) {
        { const UniqueFd made = open_file(ledger, O_RDWR | O_CREAT, 0600); }
        if (::geteuid() == 0) {
            REQUIRE(::chown(ledger.c_str(), owner, owner) == 0);
            REQUIRE(::chown(dir.path().c_str(), owner, owner) == 0);
        }
        fs::create_directory(targets);
    }

    OutputLog log() const { return {{root, id, 1, 1 << 20}, clock}; }
    /// Makes the log and everything above it.
    void write(const std::string& text) const { log().write(kOut, text); }
    std::vector<std::string> tail() const {
        std::vector<std::string> texts;
        for (const LogLine& line : tail_log(root, id, 1, 10))
            texts.push_back(line.text);
        return texts;
    }
    std::string page() const { return read_log_page({root, id, 1}, 0, 1000).text; }
    std::string followed() const {
        std::string text;
        LogFollower follower{root, id, {1, 1}};
        while (follower.read_some({[&](const LogRecord& record) { text += record.text; }, [] {}})) {
        }
        return text;
    }
    std::vector<std::string> directories() const { return {root, folder}; }

    TempDir dir;
    std::string ledger = dir / "ledger.db";
    std::string root = ledger + ".logs";
    std::string targets = dir / "targets";
    FakeClock clock;
    JobId id = JobId::make(clock.now());
    std::string folder = log_directory(root, id);
    std::string file = log_path(root, id, 1);
    std::string input = input_path(root, id, 1);
};

std::string refusal(const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
        return error.message();
    }
    return "(no refusal)";
}

/// A directory of somebody else in the place of ours, with a log that he forged; or a link to one.
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

TEST_CASE("What was planted in the place of the log folders is not written to") {
    for (const std::size_t depth : {0U, 1U}) {
        for (const Plant plant : plants()) {
            const Case c;
            INFO(depth << ": " << name_of(plant));
            if (depth == 1) LogFolder::make_root(c.root);
            const std::string directory = c.directories()[depth];
            const Planted planted{plant, directory, c.targets, ::geteuid()};
            const bool ours = plant == Plant::directory;
            const auto obstacle = c.log().why_unwritable();
            CHECK(obstacle.has_value() != ours);
            if (obstacle) CHECK_THAT(*obstacle, Contains(directory));
            OutputLog log = c.log();
            log.write(kOut, "line\n");
            CHECK((log.unwritten_bytes() > 0) != ours);
            CHECK((refusal([&] { InputPipe{c.root, c.id, 1}; }) == "(no refusal)") == ours);
            if (!ours) CHECK(planted.untouched());
        }
    }
}

TEST_CASE("What was planted in the place of a log is neither written to nor shown") {
    for (const Plant plant : plants()) {
        const Case c;
        LogFolder::make(c.folder);
        const Planted planted{plant, c.file, c.targets, ::geteuid()};
        INFO(name_of(plant));
        {
            OutputLog log = c.log();
            log.write(kOut, "line\n");
            CHECK(log.unwritten_bytes() > 0);
        }
        CHECK(planted.untouched());
        CHECK(log_files(c.root, c.id).empty());
        CHECK(c.page().empty());
        CHECK(c.followed().empty());
        CHECK_FALSE(open_log_file(c.file));
    }
}

TEST_CASE("A link to a log of the ledger's own is not shown as another job's either") {
    const Case c;
    c.write("true\n");
    const JobId other = JobId::make(from_ms(1));
    const LogFolder folder = LogFolder::make(log_directory(c.root, other));
    fs::create_symlink(c.file, log_path(c.root, other, 1));
    CHECK(log_files(c.root, other).empty());
    CHECK(c.tail() == std::vector<std::string>{"true"});
}

TEST_CASE("Output in a folder that was planted is not the job's, and whoever asks is told why") {
    for (const bool link : {true, false}) {
        if (!link && ::geteuid() != 0) continue;
        for (const std::size_t depth : {0U, 1U}) {
            const Case c;
            const std::string directory = c.directories()[depth];
            forge(c, directory, link);
            INFO(directory << (link ? ": a link" : ": of another account"));
            CHECK(c.tail().empty());
            CHECK_THAT(refusal([&] { c.page(); }), Contains(directory));
            CHECK_THAT(refusal([&] { c.followed(); }), Contains(directory));
            CHECK_THAT(refusal([&] { send_input(c.input, "x", {}); }), Contains(directory));
            CHECK(remove_logs(c.root, c.id) == 0);
            CHECK(remove_logs(c.root, c.id, 1) == 0);
            CHECK_FALSE(remove_log_file(c.file));
            CHECK(fs::exists(c.file));
        }
    }
}

TEST_CASE("A log folder that others can write is not used") {
    const Case c;
    c.write("true\n");
    fs::permissions(c.root, fs::perms{0777});
    CHECK_THAT(refusal([&] { c.page(); }), Contains(c.root + " can be written by others"));
    CHECK(c.log().why_unwritable().has_value());
    fs::permissions(c.root, fs::perms{0700});
    CHECK(c.page() == "true\n");
}

TEST_CASE("A pipe that was planted gets no input, and the one of ours takes its place") {
    for (const Plant plant : plants()) {
        const Case c;
        LogFolder::make(c.folder);
        // Nobody reads it: what were written there would wait for ever, or be lost.
        const Planted planted{plant, c.input, c.targets, ::geteuid()};
        INFO(name_of(plant));
        auto state = SendResult::State::not_accepting;
        const std::string message =
            refusal([&] { state = send_input(c.input, "x", milliseconds{1}).state; });
        CHECK(state == SendResult::State::not_accepting);
        CHECK_THAT(message, Contains(c.input) || Contains("(no refusal)"));
        CHECK(planted.untouched());
        if (plant == Plant::directory) continue;
        const InputPipe pipe{c.root, c.id, 1};
        CHECK(fs::is_fifo(fs::symlink_status(c.input)));
        CHECK(owner_of(c.input) == ::geteuid());
    }
}

TEST_CASE("What root makes for another account's ledger is that account's, and nothing else is") {
    if (::geteuid() != 0) {
        WARN("only root can be another account");
        return;
    }
    const Case c{kNobody};
    c.write("true\n");
    const InputPipe pipe{c.root, c.id, 1};
    for (const std::string& path : {c.root, c.folder, c.file, c.input}) {
        INFO(path);
        CHECK(owner_of(path) == kNobody);
    }
    CHECK(c.page() == "true\n");
    for (const Plant plant : plants()) {
        const Planted planted{plant, c.file, c.targets, kNobody};
        INFO(name_of(plant));
        c.write("line\n");
        CHECK(planted.untouched());
        fs::remove_all(c.file);
    }
}

TEST_CASE("An account reads the output that root keeps for it, and none of a third account") {
    if (::geteuid() != 0) {
        WARN("only root can be another account");
        return;
    }
    const Case c{kNobody};
    LogFolder::make_root(c.root);
    REQUIRE(::chown(c.root.c_str(), 0, 0) == 0);
    c.write("true\n");
    fs::permissions(c.root, fs::perms{0755});
    const auto seen = [&] {
        Child reader{[&] {
            if (::setresgid(kNobody, kNobody, kNobody) != 0) return 3;
            if (::setresuid(kNobody, kNobody, kNobody) != 0) return 3;
            try {
                return c.page() == "true\n" ? 0 : 1;
            } catch (const Error&) {
                return 2;
            }
        }};
        return reader.wait().code;
    };
    CHECK(seen() == 0);
    REQUIRE(::chown(c.root.c_str(), kStranger, kStranger) == 0);
    CHECK(seen() == 2);
}

TEST_CASE("What was planted in the place of the worker's lock is refused and left as it was") {
    for (const uid_t owner : {::geteuid(), kNobody}) {
        if (owner != ::geteuid() && ::geteuid() != 0) continue;
        const Case c{owner};
        const std::string lock = c.ledger + ".worker";
        for (const Plant plant : plants()) {
            const Planted planted{plant, lock, c.targets, owner};
            INFO(name_of(plant) << " for uid " << owner);
            CHECK_THAT(refusal([&] { WorkerLock::try_take(c.ledger); }), Contains(lock));
            CHECK(planted.untouched());
        }
        fs::remove_all(lock);
        CHECK(WorkerLock::try_take(c.ledger).has_value());
        CHECK(owner_of(lock) == owner);
    }
}
