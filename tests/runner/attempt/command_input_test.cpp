#include "runner/attempt/command_input.h"

#include "logs/log_files.h"
#include "runner/attempt/nonblocking_writer.h"
#include "runner/run_case.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>

namespace atlasjob {

using test::RunCase;

TEST_CASE("a command reads exactly the given input and then end of file") {
    RunCase run{"cat; echo end >&2"};
    run.command.input = std::string{"line\n\0\xff no end", 14};
    CHECK(run.run().exit_status == 0);
    CHECK(run.logged(Stream::standard_output) == run.command.input);
    CHECK(run.logged(Stream::standard_error) == "end\n");
}

TEST_CASE("empty input is an empty file and not /dev/null") {
    RunCase run{"cat; readlink /proc/self/fd/0"};
    run.command.input = "";
    CHECK(run.run().exit_status == 0);
    CHECK(run.logged(Stream::standard_output).find("/dev/null") == std::string::npos);
}

TEST_CASE("a command that reads little of a large input still ends") {
    RunCase run{"true"};
    run.command.input = std::string(8UL << 20U, 'x');
    CHECK(run.run().exit_status == 0);
}

TEST_CASE("given input takes precedence over standard input in the foreground") {
    RunCase run{"cat > $DIR/got"};
    run.command.input = "given";
    run.options.foreground = true;
    CHECK(run.run().exit_status == 0);
    CHECK(run.file("got") == "given");
}

TEST_CASE("the input file of a command cannot be written") {
    const UniqueFd input = make_input("abc");
    CHECK(lseek(input.get(), 0, SEEK_CUR) == 0);
    CHECK(write(input.get(), "x", 1) == -1);
    const std::string path = "/proc/self/fd/" + std::to_string(input.get());
    const UniqueFd writable = open_file(path, O_WRONLY);
    CHECK((!writable || write(writable.get(), "x", 1) == -1));
    CHECK(read_file(path) == "abc");
}

namespace {

using test::RunCase;
using State = SendResult::State;
namespace fs = std::filesystem;

const JobId kId = JobId::parse("01a20320-a2fb-7a02-b2c2-1d3e4f506071").value();

/// The input pipe of a command; the test reads it in place of the command.
struct Fixture {
    BrokenPipesIgnored broken_pipes;
    test::TempDir dir;
    std::string root = dir / "logs";
    std::string path = input_path(root, kId, 2);
    std::optional<InputPipe> pipe{std::in_place, root, kId, 2};

    SendResult send(std::string_view text) const { return send_input(path, text, milliseconds{1}); }
    std::string read_now(std::size_t max) const {
        std::string text(max, '\0');
        const ssize_t count = ::read(pipe->command_end(), text.data(), max);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
    /// Sends until the pipe is full; returns the number of bytes sent.
    std::size_t fill() const {
        const std::string page(PIPE_BUF, 'x');
        std::size_t filled = 0;
        while (send(page).state == State::sent)
            filled += page.size();
        return filled;
    }
};

}  // namespace

TEST_CASE("input sent to an interactive command reaches it and only the owner may send") {
    const Fixture f;
    CHECK(fs::status(f.path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(f.send("one\n").state == State::sent);
    CHECK(f.send("two\n").bytes == 4);
    CHECK(f.read_now(100) == "one\ntwo\n");
}

TEST_CASE("a line that does not fit into a full pipe is not sent at all") {
    const Fixture f;
    const std::size_t filled = f.fill();
    REQUIRE(filled > 0);
    const SendResult line = f.send("a line\n");
    CHECK(line.state == State::timed_out);
    CHECK(line.bytes == 0);
    CHECK(f.read_now(filled + 100) == std::string(filled, 'x'));
    CHECK(f.send("a line\n").state == State::sent);
    CHECK(f.read_now(100) == "a line\n");
}

TEST_CASE("sending more than the pipe holds reports how many bytes were sent") {
    const Fixture f;
    const SendResult sending = f.send(std::string(1'000'000, 'y'));
    CHECK(sending.state == State::timed_out);
    CHECK(sending.bytes > 0);
    CHECK(f.read_now(1'000'000).size() == sending.bytes);
}

TEST_CASE("nothing is sent without a pipe or without a reader or to another file") {
    Fixture f;
    CHECK(send_input(f.root + "/none", "x", {}).state == State::not_accepting);
    f.pipe->close_command_end();
    CHECK(f.send("x").state == State::not_accepting);
    f.pipe.reset();
    CHECK_FALSE(fs::exists(f.path));
    const std::string file = log_directory(f.root, kId) + "/file";
    { const UniqueFd made = open_file(file, O_CREAT | O_WRONLY, 0600); }
    fs::create_symlink(file, f.path);
    CHECK_THROWS_AS(f.send("x"), Error);
    CHECK(send_input(file, "x", {}).state == State::not_accepting);
    CHECK(fs::file_size(file) == 0);
}

TEST_CASE("a file in place of the input pipe is replaced and not opened") {
    Fixture f;
    f.pipe.reset();
    fs::create_symlink("/etc/passwd", f.path);
    f.pipe.emplace(f.root, kId, 2);
    CHECK(fs::is_fifo(fs::symlink_status(f.path)));
}

TEST_CASE("an interactive command sees no end of file and its pipe is removed afterwards") {
    RunCase run{
        "read -r a; echo got $a; echo once > $DIR/up; read -r b; echo got $b; exec <&-;"
        "echo closed > $DIR/up; read -r line < $DIR/go"};
    run.options.interactive = true;
    const std::string path = input_path(run.options.logs_root, run.id(), 1);
    SendResult first;
    SendResult second;
    SendResult last;
    run.options.on_started = [&] { first = send_input(path, "first\n", {}); };
    run.meanwhile = [&](Store&, const std::string& /*line*/) {
        second = send_input(path, "second\n", {});
        static_cast<void>(read_file(run.dir() / "up"));
        last = send_input(path, "third\n", milliseconds{1});
        run.go();
    };
    CHECK(run.run().exit_status == 0);
    CHECK(first.state == State::sent);
    CHECK(second.state == State::sent);
    CHECK(run.logged(Stream::standard_output) == "got first\ngot second\n");
    CHECK(last.state == State::not_accepting);
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("an interactive command that cannot start leaves no pipe") {
    RunCase run{""};
    run.command.argv = {"no-such-command"};
    run.options.interactive = true;
    CHECK(run.run().exit_status == 127);
    CHECK(input_pipes_in(log_directory(run.options.logs_root, run.id())).empty());
}

}  // namespace atlasjob
