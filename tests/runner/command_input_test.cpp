#include "runner/command_input.h"

#include "runner/run_case.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

using test::RunCase;

TEST_CASE("A command reads the input it was given, byte for byte, and then its end") {
    RunCase run{"cat; echo end >&2"};
    run.command.input = std::string{"line\n\0\xff no end", 14};
    CHECK(run.run().exit_status == 0);
    CHECK(run.logged(Stream::standard_output) == run.command.input);
    CHECK(run.logged(Stream::standard_error) == "end\n");
}

TEST_CASE("Empty input is the end of the file, not /dev/null") {
    RunCase run{"cat; readlink /proc/self/fd/0"};
    run.command.input = "";
    CHECK(run.run().exit_status == 0);
    CHECK(run.logged(Stream::standard_output).find("/dev/null") == std::string::npos);
}

TEST_CASE("A command that never reads much input ends all the same") {
    RunCase run{"true"};
    run.command.input = std::string(8UL << 20U, 'x');
    CHECK(run.run().exit_status == 0);
}

TEST_CASE("Input given goes before our own in the foreground") {
    RunCase run{"cat > $DIR/got"};
    run.command.input = "given";
    run.options.foreground = true;
    CHECK(run.run().exit_status == 0);
    CHECK(run.file("got") == "given");
}

TEST_CASE("Input cannot be written to, by anybody") {
    const UniqueFd input = make_input("abc");
    CHECK(lseek(input.get(), 0, SEEK_CUR) == 0);
    CHECK(write(input.get(), "x", 1) == -1);
    const std::string path = "/proc/self/fd/" + std::to_string(input.get());
    const UniqueFd writable = open_file(path, O_WRONLY);
    CHECK((!writable || write(writable.get(), "x", 1) == -1));
    CHECK(read_file(path) == "abc");
}

}  // namespace atlasjob
