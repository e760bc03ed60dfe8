#include "logs/file_log_writer.h"

#include "base/file.h"
#include "base/text.h"
#include "logs/log_files.h"
#include "logs/log_reader.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <filesystem>

namespace atlasjob {

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

struct Fixture {
    test::TempDir dir;
    test::FakeClock clock;
    JobId id = JobId::make(clock.now());
    std::string root = dir / "ledger.db.logs";

    FileLogWriter log(std::int64_t limit = 1 << 20) { return {root, {id, 1, limit}, clock}; }
    std::string text(int segment = 0) const {
        return read_file(log_path(root, id, 1, segment)).value_or("(none)");
    }
    /// The records without their times, such as "stdout F text".
    std::vector<std::string> records() const {
        std::vector<std::string> result;
        const std::string all = text();
        for (const std::string_view line : split(all, '\n')) {
            if (!line.empty()) result.emplace_back(line.substr(31));
        }
        return result;
    }
    /// The output of one stream, joined from all files.
    std::string replay(Stream stream) const {
        std::string bytes;
        for (const LogFile& file : log_files(root, id)) {
            for (const LogLine& line : join_records(read_file(file.path).value())) {
                if (line.stream == stream) bytes += line.text + (line.complete ? "\n" : "");
            }
        }
        return bytes;
    }
    std::vector<int> segments() const {
        std::vector<int> numbers;
        for (const LogFile& file : log_files(root, id))
            numbers.push_back(file.segment);
        return numbers;
    }
    std::int64_t bytes_on_disk() const {
        std::int64_t bytes = 0;
        for (const LogFile& file : log_files(root, id))
            bytes += file.bytes;
        return bytes;
    }
};

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("both streams go to one file line by line in order of arrival") {
    Fixture f;
    FileLogWriter log = f.log();
    log.write(kOut, "one\ntwo\n");
    f.clock.advance(milliseconds{1500});
    log.write(kErr, "oh\n");
    CHECK(
        f.text()
        == "2026-11-22T12:00:00.000000000Z stdout F one\n"
           "2026-11-22T12:00:00.000000000Z stdout F two\n"
           "2026-11-22T12:00:01.500000000Z stderr F oh\n");
    CHECK(log.bytes() == static_cast<std::int64_t>(f.text().size()));
}

TEST_CASE("a log is readable by its owner only whatever the umask") {
    Fixture f;
    const mode_t before = umask(0);
    FileLogWriter log = f.log();
    log.write(kOut, "x\n");
    umask(before);
    CHECK(mode_of(f.root) == 0700);
    CHECK(mode_of(log_directory(f.root, f.id)) == 0700);
    CHECK(mode_of(log_path(f.root, f.id, 1)) == 0600);
}

TEST_CASE("a command without output creates no file") {
    Fixture f;
    { const FileLogWriter log = f.log(); }
    CHECK_FALSE(std::filesystem::exists(f.root));
    CHECK(log_files(f.root, f.id).empty());
}

TEST_CASE("a line written in pieces becomes one record") {
    Fixture f;
    FileLogWriter log = f.log();
    log.write(kOut, "be");
    CHECK(log.holds_partial());
    log.write(kErr, "between\n");
    log.write(kOut, "gin\n");
    CHECK_FALSE(log.holds_partial());
    CHECK(f.records() == std::vector<std::string>{"stderr F between", "stdout F begin"});
}

TEST_CASE("control characters other than line feed stay part of a line") {
    Fixture f;
    FileLogWriter log = f.log();
    log.write(kOut, "prompt> ");
    log.flush_partial();
    log.write(kOut, "answer\nrest");
    log.flush_partial();
    CHECK(
        f.records()
        == std::vector<std::string>{"stdout P prompt> ", "stdout F answer", "stdout P rest"});
    CHECK(f.replay(kOut) == "prompt> answer\nrest");
}

TEST_CASE("a line longer than a record is split into parts of 16 KiB") {
    Fixture f;
    FileLogWriter log = f.log(16 << 20);
    const std::string line(40000, 'x');
    log.write(kOut, line + "\n");
    const auto records = f.records();
    REQUIRE(records.size() == 3);
    CHECK(records[0] == "stdout P " + std::string(16384, 'x'));
    CHECK(records[1] == "stdout P " + std::string(16384, 'x'));
    CHECK(records[2] == "stdout F " + std::string(40000 - 2 * 16384, 'x'));
}

TEST_CASE("a log within its limit keeps head and tail and drops the middle") {
    Fixture f;
    constexpr std::int64_t kLimit = 40'000;
    FileLogWriter log = f.log(kLimit);
    for (int i = 0; i < 5000; ++i) {
        log.write(kOut, fmt::format("line {}\n", i));
        REQUIRE(log.bytes() <= kLimit);
    }
    CHECK(f.bytes_on_disk() == log.bytes());
    const auto segments = f.segments();
    REQUIRE(segments.size() == 4);
    CHECK(segments[0] == 1);
    CHECK(segments[2] == segments[1] + 1);
    CHECK(segments[1] > 2);  // the numbers in between were dropped
    CHECK(segments[3] == 0);
    const std::string kept = f.replay(kOut);
    CHECK(kept.starts_with("line 0\nline 1\n"));
    CHECK(kept.ends_with("line 4998\nline 4999\n"));
    CHECK(kept.find("line 2500\n") == std::string::npos);
}

TEST_CASE("a note by atlasjob is written as a line of its own") {
    Fixture f;
    FileLogWriter log = f.log();
    log.write(kOut, "half");
    log.note("report ignored");
    CHECK(
        f.records()
        == std::vector<std::string>{"stdout P half", "stderr F atlasjob: report ignored"});
}

TEST_CASE("output lost on a full disk is counted and noted once there is room") {
    Fixture f;
    FileLogWriter log = f.log();
    log.write(kOut, "kept\n");
    const std::string before = f.text();

    // A file size limit makes a write fail halfway, like a disk that fills up.
    rlimit old_limit{};
    getrlimit(RLIMIT_FSIZE, &old_limit);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = old_limit;
    small.rlim_cur = before.size() + 20;
    setrlimit(RLIMIT_FSIZE, &small);
    log.write(kOut, "lost\n");
    log.write(kOut, "lost too\n");
    setrlimit(RLIMIT_FSIZE, &old_limit);
    std::signal(SIGXFSZ, old_handler);

    CHECK(f.text() == before);
    CHECK(log.unwritten_bytes() == 2 * 41 + 4 + 8);
    log.write(kOut, "back\n");
    CHECK(
        f.records()
        == std::vector<std::string>{
            "stdout F kept", "stdout F back",
            "stderr F atlasjob: 94 bytes of this log could not be written: File too large"});
    CHECK(log.unwritten_bytes() == 0);
    CHECK(log.lost_bytes() == 5 + 9);  // of the output: the two lines with their ends
}

TEST_CASE("a log starts once its directory can be created") {
    Fixture f;
    REQUIRE(write_all(open_file(f.root, O_CREAT | O_WRONLY, 0600).get(), "in the way"));
    FileLogWriter log = f.log();
    log.write(kOut, "lost\n");
    CHECK(log.unwritten_bytes() > 0);
    std::filesystem::remove(f.root);
    log.write(kOut, "kept\n");
    REQUIRE(f.records().size() == 2);
    CHECK(f.records()[0] == "stdout F kept");
}

TEST_CASE("a log follows its moved directory and creates none at the old path") {
    Fixture f;
    FileLogWriter log = f.log();
    CHECK_FALSE(log.why_unwritable());
    const std::string moved = f.root + ".moved";
    std::filesystem::rename(f.root, moved);
    log.write(kOut, "said after the move\n");
    CHECK_FALSE(std::filesystem::exists(f.root));
    CHECK(log_files(moved, f.id).size() == 1);
    CHECK(log.unwritten_bytes() == 0);
}

TEST_CASE("a log counts lost output after its directory was removed") {
    Fixture f;
    FileLogWriter log = f.log();
    CHECK_FALSE(log.why_unwritable());
    std::filesystem::remove_all(f.root);
    log.write(kOut, "said to nobody\n");
    CHECK(log.unwritten_bytes() > 0);
    CHECK_FALSE(std::filesystem::exists(f.root));
}

TEST_CASE("a log is not written through a symbolic link") {
    Fixture f;
    std::filesystem::create_directories(log_directory(f.root, f.id));
    std::filesystem::create_symlink(f.dir / "victim", log_path(f.root, f.id, 1));
    FileLogWriter log = f.log();
    log.write(kOut, "x\n");
    CHECK_FALSE(std::filesystem::exists(f.dir / "victim"));
}

TEST_CASE("removing a job's logs removes all its files and no others") {
    Fixture f;
    {
        FileLogWriter small{f.root, {f.id, 1, 1 << 20}, f.clock};
        small.write(kOut, "x\n");
        FileLogWriter rotated{f.root, {f.id, 2, 8192}, f.clock};
        for (int i = 0; i < 1000; ++i)
            rotated.write(kOut, "some line\n");
    }
    const std::string neighbour = log_directory(f.root, f.id) + "/README";
    REQUIRE(write_all(open_file(neighbour, O_CREAT | O_WRONLY, 0600).get(), "x"));
    const auto files = static_cast<int>(log_files(f.root, f.id).size());
    CHECK(files == 5);

    const std::array jobs = {PrunedJob{f.id, 0, 2}};
    CHECK(remove_logs(f.root, jobs) == files);
    CHECK(log_files(f.root, f.id).empty());
    CHECK(std::filesystem::exists(neighbour));
    CHECK(remove_logs(f.root, jobs) == 0);
}

}  // namespace atlasjob
