#include "contract/logs/log_case.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <climits>
#include <csignal>

namespace atlasjob::test {

namespace {

using State = SendResult::State;

constexpr int kAttempt = 2;

/// The input of an interactive attempt; the test reads it in place of the command.
struct InputCase : LogCase {
    // Senders must ignore it.
    InputCase() { static_cast<void>(std::signal(SIGPIPE, SIG_IGN)); }

    SendResult send(std::string_view text, int attempt = kAttempt) const {
        return logs->input().send(id, attempt, text, milliseconds{1});
    }
    /// What the command can read now.
    std::string read_now() const {
        const int fd = pipe->command_end();
        const int flags = fcntl(fd, F_GETFL);
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
        std::string text(1 << 20, '\0');
        const ssize_t count = ::read(fd, text.data(), text.size());
        fcntl(fd, F_SETFL, flags);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }

    std::unique_ptr<InputPipe> pipe = logs->input().open(id, kAttempt);
};

}  // namespace

TEST_CASE_METHOD(InputCase, "input reaches the command of its attempt in order") {
    CHECK(send("one\n").state == State::sent);
    CHECK(send("two\n").bytes == 4);
    CHECK(read_now() == "one\ntwo\n");
    CHECK(send("other attempt\n", 1).state == State::not_accepting);
    // Every process with access to the ledger can send.
    const auto other = place->open(clock);
    CHECK(other->input().send(id, kAttempt, "three\n", milliseconds{1}).state == State::sent);
    CHECK(read_now() == "three\n");
}

TEST_CASE_METHOD(InputCase, "the command's end blocks and is not at its end of file") {
    CHECK((fcntl(pipe->command_end(), F_GETFL) & O_NONBLOCK) == 0);
    CHECK(send("x").state == State::sent);
    CHECK(read_now() == "x");
    CHECK(send("y").state == State::sent);
    CHECK(read_now() == "y");
}

TEST_CASE_METHOD(InputCase, "a line that does not fit is not sent at all") {
    std::size_t filled = 0;
    const std::string page(PIPE_BUF, 'x');
    while (send(page).state == State::sent)
        filled += page.size();
    REQUIRE(filled > 0);
    const SendResult line = send("a line\n");
    CHECK(line.state == State::timed_out);
    CHECK(line.bytes == 0);
    CHECK(read_now() == std::string(filled, 'x'));
    CHECK(send("a line\n").state == State::sent);
    CHECK(read_now() == "a line\n");
}

TEST_CASE_METHOD(InputCase, "sending more than the command reads reports how much was sent") {
    const SendResult sending = send(std::string(1'000'000, 'y'));
    CHECK(sending.state == State::timed_out);
    CHECK(sending.bytes > 0);
    CHECK(read_now().size() == sending.bytes);
}

TEST_CASE_METHOD(InputCase, "nothing is accepted once the command does not read") {
    CHECK(send("x").state == State::sent);
    SECTION("it has closed its input") {
        pipe->close_command_end();
    }
    SECTION("its supervisor has ended it") {
        pipe.reset();
    }
    CHECK(send("x").state == State::not_accepting);
}

TEST_CASE_METHOD(InputCase, "inputs are listed until they are ended or removed") {
    const auto first = logs->input().list();
    REQUIRE(first.size() == 1);
    CHECK(first[0].job_id == id);
    CHECK(first[0].attempt == kAttempt);
    CHECK_FALSE(logs->input().remove(id, 1));
    SECTION("ended") {
        pipe.reset();
        CHECK_FALSE(logs->input().remove(id, kAttempt));
    }
    SECTION("removed") {
        CHECK(logs->input().remove(id, kAttempt));
        CHECK(send("x").state == State::not_accepting);
    }
    CHECK(logs->input().list().empty());
}

TEST_CASE_METHOD(InputCase, "an input that was left behind is replaced") {
    const auto again = logs->input().open(id, kAttempt);
    pipe->close_command_end();
    CHECK(send("new\n").state == State::sent);
}

}  // namespace atlasjob::test
