#include "mcp/server/server_process.h"

#include "support/places.h"
#include "support/timeout.h"

#include <catch2/catch.hpp>

#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

namespace atlasjob::test {

namespace {

void await_readable(int fd) {
    pollfd ready{fd, POLLIN, 0};
    REQUIRE(::poll(&ready, 1, kTimeoutMs) == 1);
}

}  // namespace

ServerProcess::ServerProcess(const std::string& ledger, int input) {
    Pipe requests = make_pipe();
    Pipe answers = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input >= 0 ? input : requests.read_end.get(), 0);
    posix_spawn_file_actions_adddup2(&actions, answers.write_end.get(), 1);
    std::array<std::string, 3> words = {kMcpServer, ledger, "alice"};
    std::array<char*, 4> argv = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    const int error = ::posix_spawn(&pid_, kMcpServer, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(error == 0);
    input_ = std::move(requests.write_end);
    output_ = std::move(answers.read_end);
}

ServerProcess::~ServerProcess() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void ServerProcess::write(const std::string& bytes) const {
    REQUIRE(write_all(input_.get(), bytes));
}

bool ServerProcess::has_room() const {
    pollfd room{input_.get(), POLLOUT, 0};
    return ::poll(&room, 1, 0) == 1;
}

std::size_t ServerProcess::write_until_blocked(const std::string& line, std::size_t max) const {
    std::size_t written = 0;
    pollfd room{input_.get(), POLLOUT, 0};
    // A pipe that is writable takes a line of less than PIPE_BUF without blocking.
    while (written < max && ::poll(&room, 1, 1000) == 1) {
        write(line);
        written += line.size();
    }
    return written;
}

std::size_t ServerProcess::peak_memory_kib() const {
    std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
    static constexpr std::string_view kPeak = "VmHWM:";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(kPeak)) return std::stoul(line.substr(kPeak.size()));
    }
    FAIL("no VmHWM in /proc");
    return 0;
}

std::optional<std::string> ServerProcess::read_line() {
    for (;;) {
        const std::size_t newline = unread_.find('\n');
        if (newline != std::string::npos) {
            std::string line = unread_.substr(0, newline);
            unread_.erase(0, newline + 1);
            return line;
        }
        await_readable(output_.get());
        std::array<char, 4096> piece{};
        const ssize_t count = ::read(output_.get(), piece.data(), piece.size());
        REQUIRE(count >= 0);
        if (count == 0) return {};
        unread_.append(piece.data(), static_cast<std::size_t>(count));
    }
}

int ServerProcess::wait() {
    const UniqueFd process{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
    REQUIRE(process);
    await_readable(process.get());
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    return status;
}

}  // namespace atlasjob::test
