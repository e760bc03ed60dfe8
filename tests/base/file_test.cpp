#include "base/file.h"

#include "base/blocking_io.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <future>

using namespace atlasjob;

namespace {

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

bool closes_on_exec(int fd) {
    return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

std::string write_file(const std::string& path, std::string_view content) {
    const UniqueFd fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(write_all(fd.get(), content));
    return path;
}

}  // namespace

TEST_CASE("a moved descriptor is closed once by its last owner") {
    Pipe pipe = make_pipe();
    const int number = pipe.read_end.get();
    {
        const UniqueFd owner = std::move(pipe.read_end);
        CHECK_FALSE(pipe.read_end.valid());  // NOLINT(bugprone-use-after-move): documented state
        CHECK(owner.get() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("assigning to a descriptor closes the previous one") {
    Pipe pipe = make_pipe();
    const int old = pipe.read_end.get();
    const int kept = pipe.write_end.get();
    pipe.read_end = std::move(pipe.write_end);
    CHECK_FALSE(is_open(old));
    CHECK(pipe.read_end.get() == kept);
    CHECK(is_open(kept));
}

TEST_CASE("a released descriptor stays open and belongs to the caller") {
    Pipe pipe = make_pipe();
    const int number = pipe.write_end.release();
    CHECK_FALSE(pipe.write_end);
    const UniqueFd owner{number};
    CHECK(is_open(number));
}

TEST_CASE("files and pipes are close-on-exec") {
    const test::TempDir dir;
    const UniqueFd file = open_file(dir / "file", O_RDWR | O_CREAT, 0600);
    const Pipe pipe = make_pipe();
    CHECK(closes_on_exec(file.get()));
    CHECK(closes_on_exec(pipe.read_end.get()));
    CHECK(closes_on_exec(pipe.write_end.get()));
}

TEST_CASE("a created file has the requested mode") {
    const test::TempDir dir;
    const UniqueFd file = open_file(dir / "file", O_RDWR | O_CREAT, 0600);
    struct stat status {};
    REQUIRE(::fstat(file.get(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
}

TEST_CASE("read_file reads any bytes of any length") {
    const test::TempDir dir;
    CHECK(read_file(write_file(dir / "empty", "")) == "");
    const std::string binary{"a\0b\xFF\n", 5};
    CHECK(read_file(write_file(dir / "binary", binary)) == binary);
    const std::string large(1'000'003, 'x');
    CHECK(read_file(write_file(dir / "large", large)) == large);
}

TEST_CASE("read_file returns nullopt and sets errno on failure") {
    const test::TempDir dir;
    CHECK_FALSE(read_file(dir / "absent"));
    CHECK(errno == ENOENT);
    CHECK_FALSE(read_file(dir.path()));
    CHECK(errno == EISDIR);
}

TEST_CASE("write_all writes everything even if the reader takes it in pieces") {
    Pipe pipe = make_pipe();
    const std::string bytes(1'000'000, 'x');  // much more than a pipe holds
    auto reader = std::async(std::launch::async, [&] {
        std::string got;
        std::array<char, 4096> buffer{};
        for (ssize_t n = 1; n > 0;) {
            n = ::read(pipe.read_end.get(), buffer.data(), buffer.size());
            if (n > 0) got.append(buffer.data(), static_cast<std::size_t>(n));
        }
        return got;
    });
    CHECK(write_all(pipe.write_end.get(), bytes));
    pipe.write_end.reset();
    CHECK(reader.get() == bytes);
}

TEST_CASE("write_all waits for the reader of a non-blocking pipe") {
    Pipe pipe = make_pipe();
    REQUIRE(::fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK) == 0);
    const std::string bytes(1'000'000, 'x');
    auto writer = std::async(std::launch::async, [&] {
        const bool written = write_all(pipe.write_end.get(), bytes);
        pipe.write_end.reset();
        return written;
    });
    const auto got = read_file(fmt::format("/proc/self/fd/{}", pipe.read_end.get()));
    CHECK(writer.get());
    CHECK(got == bytes);
}

TEST_CASE("read_some waits for the writer of a non-blocking pipe") {
    Pipe pipe = make_pipe();
    REQUIRE(::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) == 0);
    std::array<char, 16> buffer{};
    auto reader = std::async(std::launch::async, [&] {
        return read_some(pipe.read_end.get(), buffer.data(), buffer.size());
    });
    REQUIRE(write_all(pipe.write_end.get(), "late"));
    CHECK(reader.get() == 4);
    pipe.write_end.reset();
    CHECK(read_some(pipe.read_end.get(), buffer.data(), buffer.size()) == 0);
    CHECK(read_some(-1, buffer.data(), buffer.size()) == -1);
    CHECK(errno == EBADF);
}

TEST_CASE("write_all fails and sets errno on an invalid descriptor") {
    CHECK_FALSE(write_all(-1, "x"));
    CHECK(errno == EBADF);
    CHECK(write_all(-1, ""));
}

TEST_CASE("an empty environment variable counts as unset") {
    // NOLINTBEGIN(concurrency-mt-unsafe): no other thread runs here
    ::setenv("ATLASJOB_TEST_WORD", "word", 1);
    CHECK(environment("ATLASJOB_TEST_WORD") == "word");
    ::setenv("ATLASJOB_TEST_WORD", "", 1);
    CHECK_FALSE(environment("ATLASJOB_TEST_WORD"));
    ::unsetenv("ATLASJOB_TEST_WORD");
    CHECK_FALSE(environment("ATLASJOB_TEST_WORD"));
    // NOLINTEND(concurrency-mt-unsafe)
}
