#include "process/commands.h"
#include "support/child.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>

namespace atlasjob {

namespace {

using Catch::Matchers::Contains;
using test::output_of;
using test::request_for;
using test::require_failure;
using test::TempDir;
using Stage = SpawnFailure::Stage;

void write_file(const std::string& path, const std::string& content, mode_t mode) {
    std::ofstream{path} << content;
    REQUIRE(chmod(path.c_str(), mode) == 0);
}

std::set<std::string> open_descriptors(pid_t pid) {
    std::set<std::string> open;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid)))
        open.insert(entry.path().filename());
    return open;
}

std::string status_line(pid_t pid, const std::string& name) {
    std::ifstream status{fmt::format("/proc/{}/status", pid)};
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":"))
            return line.substr(line.find_first_not_of(" \t", name.size() + 1));
    }
    return "";
}

/// Bit mask of ignored signals without 32 and 33, which are reserved by the C library.
std::uint64_t ignored_signals(pid_t pid) {
    return std::stoull(status_line(pid, "SigIgn"), nullptr, 16) & ~0x1'8000'0000ULL;
}

/// A `cat` process waiting for input, to be inspected.
struct WaitingProcess {
    Pipe input = make_pipe();
    Pipe output = make_pipe();
    ProcessHandle child;

    explicit WaitingProcess(std::vector<int> extra = {}, unsigned mask = 022) {
        SpawnRequest request = request_for({"cat"}, output.write_end.get());
        request.descriptors[0] = input.read_end.get();
        request.descriptors.insert(request.descriptors.end(), extra.begin(), extra.end());
        request.umask = mask;
        child = test::require_spawned(request);
        await_echo();
    }
    WaitingProcess(const WaitingProcess&) = delete;
    WaitingProcess& operator=(const WaitingProcess&) = delete;
    ~WaitingProcess() {
        input.write_end.reset();
        await_end({&child, 1}, test::kTimeoutMs);
        reap(child.pid);
    }

  private:
    /// Waits until `cat` itself runs; before that the dynamic linker may have files open and
    /// signals blocked.
    void await_echo() {
        REQUIRE(write(input.write_end.get(), "\n", 1) == 1);
        REQUIRE(test::read_until(output.read_end.get(), '\n') == "\n");
    }
};

/// Makes a system call fail in this process with ENOSYS, for good.
void forbid(long number) {
    std::array<sock_filter, 4> program = {
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(number)},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    const sock_fprog filter{program.size(), program.data()};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

}  // namespace

TEST_CASE("a command has exactly descriptors 0 to 3") {
    const UniqueFd leaky{open("/dev/null", O_RDONLY)};  // deliberately not close-on-exec
    const UniqueFd high{fcntl(leaky.get(), F_DUPFD, 200)};
    const Pipe report = make_pipe();
    const WaitingProcess waiting{{report.write_end.get()}};
    CHECK(open_descriptors(waiting.child.pid) == std::set<std::string>{"0", "1", "2", "3"});
}

TEST_CASE("without close_range, descriptors beyond a limit that was lowered are closed, too") {
    test::Child child{[] {
        const UniqueFd low{open("/dev/null", O_RDONLY)};
        const UniqueFd high{fcntl(low.get(), F_DUPFD, 200)};
        rlimit limit{};
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = 64;
        setrlimit(RLIMIT_NOFILE, &limit);
        forbid(SYS_close_range);
        const WaitingProcess waiting{{1}};
        return open_descriptors(waiting.child.pid) == std::set<std::string>{"0", "1", "2", "3"} ? 0
                                                                                                : 1;
    }};
    CHECK(child.wait().code == 0);
}

TEST_CASE("a terminal that cannot be opened is not taken for a missing interpreter") {
    SpawnRequest request = request_for({"true"}, -1);
    request.descriptors = {-1, -1, -1};
    request.terminal = "/no/such/terminal";
    const SpawnFailure failure = test::require_failure(request);
    CHECK(failure.shell_status() == 125);
    CHECK_THAT(failure.reason, Contains("its terminal cannot be opened: No such file"));
}

TEST_CASE("descriptors are remapped correctly when source and target numbers overlap") {
    // Descriptors 0 and 1 are swapped: copying either one directly would overwrite the other.
    const Pipe pipe = make_pipe();
    const UniqueFd saved0{fcntl(0, F_DUPFD_CLOEXEC, 10)};
    const UniqueFd saved1{fcntl(1, F_DUPFD_CLOEXEC, 10)};
    const UniqueFd input = open_file("/proc/sys/kernel/ostype", O_RDONLY);
    REQUIRE(dup2(pipe.write_end.get(), 0) == 0);
    REQUIRE(dup2(input.get(), 1) == 1);
    SpawnRequest request = request_for({"cat"}, 0);
    request.descriptors = {1, 0, 0};
    auto result = spawn(request);
    dup2(saved0.get(), 0);
    dup2(saved1.get(), 1);
    REQUIRE(std::holds_alternative<ProcessHandle>(result));
    CHECK(test::read_until(pipe.read_end.get(), '\n') == "Linux\n");
    CHECK(test::require_end(std::get<ProcessHandle>(result)) == ExitStatus::exited(0));
}

TEST_CASE("a command starts with default unblocked signals as leader of a new session") {
    struct sigaction ignore {};
    struct sigaction before {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before);
    sigset_t blocked;
    sigset_t mask_before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &mask_before);
    {
        const WaitingProcess waiting;
        const pid_t pid = waiting.child.pid;
        CHECK(status_line(pid, "SigBlk") == "0000000000000000");
        CHECK(ignored_signals(pid) == 0);
        const auto stat = proc_stat(pid);
        REQUIRE(stat.has_value());
        CHECK(stat->session == pid);
        CHECK(stat->group == pid);
    }
    pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
    sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("a command gets the given umask and the caller keeps its own") {
    const std::string own_umask = status_line(getpid(), "Umask");
    const WaitingProcess open{{}, 0};
    const WaitingProcess strict{{}, 0077};
    CHECK(status_line(open.child.pid, "Umask") == "0000");
    CHECK(status_line(strict.child.pid, "Umask") == "0077");
    CHECK(status_line(getpid(), "Umask") == own_umask);
}

TEST_CASE("a command gets its arguments and environment byte for byte") {
    SpawnRequest request = request_for({"printf", "%s|", "", "a b", "\xff\n'", "*"}, 1);
    CHECK(output_of(request) == "|a b|\xff\n'|*|");
    request = request_for({"/usr/bin/env"}, 1);
    request.environment = {"ONE=1", "EMPTY=", "LINES=a\nb"};
    CHECK(output_of(request) == "ONE=1\nEMPTY=\nLINES=a\nb\n");
}

TEST_CASE("a program is searched in the PATH of its own environment and directory") {
    const TempDir dir;
    std::filesystem::create_directory(dir / "bin");
    write_file(dir / "bin/greet", "#!/bin/sh\necho from bin\n", 0755);
    SpawnRequest request = request_for({"greet"}, 1);
    request.cwd = dir.path();
    request.environment = {"PATH=/nowhere:bin"};
    CHECK(output_of(request) == "from bin\n");
    request.environment = {"PATH=/nowhere"};
    CHECK(require_failure(request).stage == Stage::not_found);
    request.argv = {"bin/greet"};
    CHECK(output_of(request) == "from bin\n");
}

TEST_CASE("a command without PATH finds the system's commands") {
    SpawnRequest request = request_for({"pwd"}, 1);
    request.environment = {};
    request.cwd = "/usr";
    CHECK(output_of(request) == "/usr\n");
}

TEST_CASE("a script without a shebang line is run by the shell") {
    const TempDir dir;
    write_file(dir / "plain", "echo \"$# $1\"\n", 0755);
    CHECK(output_of(request_for({dir / "plain", "a b"}, 1)) == "1 a b\n");
}

TEST_CASE("a missing directory and a missing command are distinguished") {
    const TempDir dir;
    SpawnRequest request = request_for({"no-such-command"}, 1);
    SpawnFailure failure = require_failure(request);
    CHECK(failure.stage == Stage::not_found);
    CHECK(failure.shell_status() == 127);
    CHECK(failure.reason == "cannot start \"no-such-command\": no such command in PATH");

    request.cwd = dir / "gone";
    failure = require_failure(request);
    CHECK(failure.stage == Stage::directory);
    CHECK(failure.shell_status() == 125);
    CHECK(
        failure.reason
        == "cannot enter directory \"" + request.cwd + "\": No such file or directory");

    request = request_for({"./missing"}, 1);
    failure = require_failure(request);
    CHECK(failure.shell_status() == 127);
    CHECK(failure.reason == "cannot start \"./missing\": No such file or directory");
}

TEST_CASE("a file in place of the directory is reported as a directory failure") {
    SpawnRequest request = request_for({"true"}, 1);
    request.cwd = "/etc/passwd";
    const SpawnFailure failure = require_failure(request);
    CHECK(failure.stage == Stage::directory);
    CHECK(failure.reason == "cannot enter directory \"/etc/passwd\": Not a directory");
}

TEST_CASE("a file that cannot be executed maps to exit code 126") {
    const TempDir dir;
    write_file(dir / "plain", "echo\n", 0644);
    write_file(dir / "orphan", "#!/no/such/interpreter\n", 0755);
    SpawnFailure failure = require_failure(request_for({dir / "plain"}, 1));
    CHECK(failure.shell_status() == 126);
    CHECK(failure.reason == "cannot start \"" + (dir / "plain") + "\": Permission denied");
    failure = require_failure(request_for({dir / "orphan"}, 1));
    CHECK(failure.shell_status() == 126);
    CHECK(
        failure.reason
        == "cannot start \"" + (dir / "orphan") + "\": its interpreter does not exist");
    CHECK(require_failure(request_for({dir.path()}, 1)).shell_status() == 126);
}

TEST_CASE("arguments beyond the kernel's limit fail with the reason") {
    SpawnRequest request = request_for({"true", std::string(4 << 20, 'x')}, 1);
    const SpawnFailure failure = require_failure(request);
    CHECK(failure.stage == Stage::not_executable);
    CHECK(failure.reason == "cannot start \"true\": Argument list too long");
}

}  // namespace atlasjob
