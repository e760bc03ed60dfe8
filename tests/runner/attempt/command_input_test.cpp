#include "runner/attempt/command_input.h"

#include "runner/run_case.h"

#include <fcntl.h>
#include <unistd.h>

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

TEST_CASE("an interactive command sees no end of file and its pipe is removed afterwards") {
    RunCase run{
        "read -r a; echo got $a; echo once > $DIR/up; read -r b; echo got $b; exec <&-;"
        "echo closed > $DIR/up; read -r line < $DIR/go"};
    run.options.interactive = true;
    const auto send = [&](std::string_view text) {
        return run.logs().input().send(run.id(), 1, text, milliseconds{1000});
    };
    SendResult first;
    SendResult second;
    SendResult last;
    run.options.on_started = [&] { first = send("first\n"); };
    run.meanwhile = [&](Store&, const std::string& /*line*/) {
        second = send("second\n");
        static_cast<void>(read_file(run.dir() / "up"));
        last = send("third\n");
        run.go();
    };
    CHECK(run.run().exit_status == 0);
    CHECK(first.state == SendResult::State::sent);
    CHECK(second.state == SendResult::State::sent);
    CHECK(run.logged(Stream::standard_output) == "got first\ngot second\n");
    CHECK(last.state == SendResult::State::not_accepting);
    CHECK(run.logs().input().list().empty());
}

TEST_CASE("an interactive command that cannot start leaves no pipe") {
    RunCase run{""};
    run.command.argv = {"no-such-command"};
    run.options.interactive = true;
    CHECK(run.run().exit_status == 127);
    CHECK(run.logs().input().list().empty());
}

}  // namespace atlasjob
