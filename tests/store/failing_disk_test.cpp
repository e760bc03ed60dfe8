#include "base/clock.h"
#include "base/text.h"
#include "store/open.h"
#include "support/child.h"
#include "support/ledger_audit.h"
#include "support/places.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <functional>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// The output and the end of a submitter.
struct Submissions {
    std::vector<JobId> acknowledged;
    std::string error;
    ChildEnd end;
};

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(count));
    return text;
}

int execute(const std::vector<std::string>& argv, int out) {
    std::vector<char*> arguments;
    for (const std::string& argument : argv)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    ::dup2(out, STDOUT_FILENO);
    ::execvp(arguments.front(), arguments.data());
    return 127;
}

/// Runs the submitter `argv` in a child after calling `prepare` there, and parses its output.
Submissions run(const std::vector<std::string>& argv, const std::function<void()>& prepare) {
    Pipe pipe = make_pipe();
    Child child{[&] {
        prepare();
        return execute(argv, pipe.write_end.get());
    }};
    pipe.write_end.reset();
    const std::string output = read_to_end(pipe.read_end.get());
    Submissions submissions;
    submissions.end = child.wait();
    for (const std::string_view line : split(output, '\n')) {
        if (line.starts_with("error ")) submissions.error = line.substr(6);
        if (const auto id = JobId::parse(line)) submissions.acknowledged.push_back(*id);
    }
    return submissions;
}

struct FailingDiskCase {
    std::vector<std::string> submitter(int count) const {
        return {kSubmitter, path, std::to_string(count)};
    }
    /// Checks that every acknowledged job is stored plus at most one other, that the ledger is
    /// consistent, and that it accepts new jobs.
    void check_kept(const Submissions& submissions, std::int64_t before) const {
        const Principal admin{"root", true};
        const auto store = open_store(parse_address(path), OpenMode::create);
        for (const JobId& id : submissions.acknowledged)
            CHECK(store->get(JobRef::of(id), admin, Detail::summary).has_value());
        const std::int64_t more =
            store->list({}, admin).total - before - std::ssize(submissions.acknowledged);
        CHECK(more >= 0);
        CHECK(more <= 1);
        CHECK_THAT(contradictions(path), Catch::Equals(std::vector<std::string>{}));
        NewJob job{JobId::make(SystemClock{}.now())};
        job.owner = "alice";
        CHECK(store->submit(job).created);
    }

    TempDir dir;
    std::string path = dir / "ledger.db";
};

void limit_file_size(rlim_t bytes) {
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
}

/// Mounts a small file system at `directory` that only this process sees.
bool mount_small(const std::string& directory) {
    return ::unshare(CLONE_NEWNS) == 0
           && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
           && ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=3m,mode=700") == 0;
}

}  // namespace

TEST_CASE_METHOD(FailingDiskCase, "a ledger at its file size limit keeps every acknowledged job") {
    const rlim_t bytes = GENERATE(as<rlim_t>{}, 300'000, 700'000, 2'000'000);
    open_store(parse_address(path), OpenMode::create);
    const auto submissions = run(submitter(5000), [&] { limit_file_size(bytes); });
    CHECK(submissions.end.code == 7);
    CHECK_THAT(submissions.error, Catch::Equals("unavailable") || Catch::Equals("outcome_unknown"));
    CHECK_FALSE(submissions.acknowledged.empty());
    check_kept(submissions, 0);
}

TEST_CASE_METHOD(FailingDiskCase, "failing to create a ledger is reported as unavailable") {
    const auto submissions = run(submitter(1), [] { limit_file_size(2048); });
    CHECK(submissions.end.code == 7);
    CHECK(submissions.acknowledged.empty());
    check_kept(submissions, 0);
}

TEST_CASE_METHOD(FailingDiskCase, "a full disk keeps every acknowledged job") {
    // The mount exists only in the child, so the check runs there too.
    Child alone{[&] {
        if (!mount_small(dir.path())) return 77;
        const auto submissions = run(submitter(5000), [] {});
        // Make free space available.
        ::mount(nullptr, dir.path().c_str(), nullptr, MS_REMOUNT, "size=16m");
        const auto wrong = contradictions(path);
        const auto store = open_store(parse_address(path), OpenMode::read);
        const std::int64_t found = store->list({}, {"root", true}).total;
        const std::int64_t more = found - std::ssize(submissions.acknowledged);
        // A full disk leaves no unknown outcome: unacknowledged jobs are not stored.
        if (submissions.end.code != 7 || submissions.error != "unavailable") return 1;
        if (more != 0) return 2;
        if (found < 10) return 3;
        return wrong.empty() ? 0 : 4;
    }};
    const auto end = alone.wait();
    if (end.code == 77) {
        WARN("skipped: no file system can be mounted here");
        return;
    }
    CHECK(end.code == 0);
}

TEST_CASE_METHOD(FailingDiskCase, "a commit whose fsync failed is reported as outcome_unknown") {
    open_store(parse_address(path), OpenMode::create);
    const auto probe = run({"strace", "-qq", "-o", "/dev/null", "true"}, [] {});
    if (probe.end.code != 0) {
        WARN("skipped: strace is not installed or may not trace");
        return;
    }
    // Which fdatasync call belongs to a COMMIT depends on the WAL, so try each of the first eight.
    const int first = GENERATE(range(1, 9));
    std::vector<std::string> argv{
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "inject=fdatasync:error=EIO:when=" + std::to_string(first) + "+"};
    const auto traced = submitter(20);
    argv.insert(argv.end(), traced.begin(), traced.end());
    // The leak check of the address sanitizer does not work in a traced process.
    const auto submissions = run(argv, [] { ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1); });
    INFO("failing from sync " << first << "; acknowledged " << submissions.acknowledged.size());
    CHECK(submissions.end.code == 7);
    CHECK(submissions.error == "outcome_unknown");
    CHECK(submissions.acknowledged.size() < 9);
    check_kept(submissions, 0);
}

TEST_CASE_METHOD(FailingDiskCase, "a disk that cannot be read is not reported as damage") {
    open_store(parse_address(path), OpenMode::create);
    const auto probe = run({"strace", "-qq", "-o", "/dev/null", "true"}, [] {});
    if (probe.end.code != 0) {
        WARN("skipped: strace is not installed or may not trace");
        return;
    }
    for (int first = 1; first < 40; ++first) {
        std::vector<std::string> argv{
            "strace", "-f",        "-qq",
            "-o",     "/dev/null", "-P",
            path,     "-e",        "inject=pread64:error=EIO:when=" + std::to_string(first) + "+"};
        const auto traced = submitter(1);
        argv.insert(argv.end(), traced.begin(), traced.end());
        const auto submissions = run(argv, [] { ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1); });
        INFO("failing from read " << first << ": " << submissions.error);
        if (submissions.end.code == 0) return;  // It needs no more reads.
        CHECK(submissions.end.code == 7);
        CHECK(submissions.acknowledged.empty());
    }
}
