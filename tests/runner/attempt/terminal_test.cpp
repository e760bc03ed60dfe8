#include "process/proc.h"
#include "process/process_handle.h"
#include "process/pseudo_terminal.h"
#include "runner/run_case.h"
#include "support/child.h"
#include "support/timeout.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace atlasjob {

namespace {

using test::Child;
using test::RunCase;

constexpr Stream kOut = Stream::standard_output;

/// `run --tty` in a child process on a pseudo-terminal whose other end the test controls.
class AtTerminal {
  public:
    explicit AtTerminal(const std::string& script)
        : script_(script), terminal_(open_pseudo_terminal()) {
        const winsize size{33, 111, 0, 0};
        ioctl(terminal_.master.get(), TIOCSWINSZ, &size);
        child_.emplace([this] { return run_in_child(); });
    }

    pid_t pid() const { return child_->pid(); }
    void type(std::string_view keys) const { REQUIRE(write_all(terminal_.master.get(), keys)); }
    /// Waits until the terminal output contains `text`; returns all output so far.
    std::string wait_for(const std::string& text) {
        while (shown_.find(text) == std::string::npos) {
            pollfd waiting{terminal_.master.get(), POLLIN, 0};
            REQUIRE(poll(&waiting, 1, test::kTimeoutMs) == 1);
            std::array<char, 4096> buffer{};
            const ssize_t count = read(terminal_.master.get(), buffer.data(), buffer.size());
            REQUIRE(count > 0);
            shown_.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return shown_;
    }
    bool is_raw() const {
        termios modes{};
        REQUIRE(tcgetattr(terminal_.master.get(), &modes) == 0);
        return (modes.c_lflag & (ICANON | ISIG | ECHO)) == 0;
    }
    void resize(unsigned short rows) const {
        const winsize size{rows, 99, 0, 0};
        ioctl(terminal_.master.get(), TIOCSWINSZ, &size);
    }
    /// Waits until the command, the child's only child, has exited.
    void await_end_of_command() const {
        for (const pid_t pid : all_pids()) {
            const auto stat = proc_stat(pid);
            if (!stat || stat->parent != child_->pid()) continue;
            const auto command = pin(*stat);
            if (!command) return;
            pollfd waiting{command->pidfd.get(), POLLIN, 0};
            REQUIRE(poll(&waiting, 1, test::kTimeoutMs) == 1);
            return;
        }
        FAIL("the command is gone");
    }
    /// Waits for the child; returns its exit status.
    int wait() { return child_->wait().code.value_or(-1); }

  private:
    int run_in_child() const {
        setsid();
        const UniqueFd terminal = open_file(terminal_.path, O_RDWR);
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            dup2(terminal.get(), fd);
        RunCase run{script_};
        run.options.foreground = true;
        run.options.tty = true;
        const int status = run.run().exit_status;
        const Job job = run.job();
        fmt::print("ended {} {}\n", to_string(job.status), run.logged(kOut).size());
        fflush(stdout);
        return status;
    }

    std::string script_;
    PseudoTerminal terminal_;
    std::string shown_;
    std::optional<Child> child_;
};

}  // namespace

TEST_CASE("a command with --tty has one terminal on all three descriptors with the caller's size") {
    AtTerminal at{"test -t 0 && test -t 1 && test -t 2 && stty size; tty > /dev/tty; exit 7"};
    const std::string shown = at.wait_for("ended");
    CHECK_THAT(shown, Catch::StartsWith("33 111\r\n/dev/pts/"));
    CHECK(at.wait() == 7);
    CHECK_FALSE(at.is_raw());
}

TEST_CASE("typed input reaches the command unchanged including end of file") {
    AtTerminal at{"echo ready; read -r line; echo got $line"};
    at.wait_for("ready");
    CHECK(at.is_raw());
    at.type("words\r");
    const std::string shown = at.wait_for("got words") + at.wait_for("ended done");
    // The terminal's echo may come before or after what the command prints.
    const std::size_t first = shown.find("words");
    REQUIRE(first != std::string::npos);
    CHECK(shown.find("words", first + 1) != std::string::npos);
    CHECK(at.wait() == 0);
    CHECK_FALSE(at.is_raw());
}

TEST_CASE("Ctrl-C at the terminal interrupts the command and the job ends cancelled") {
    AtTerminal at{"echo ready; read -r line"};
    at.wait_for("ready");
    at.type("\x03");
    at.wait_for("ended cancelled");
    CHECK(at.wait() == 130);
    CHECK_FALSE(at.is_raw());
}

TEST_CASE("a command that handles Ctrl-C itself keeps its own outcome") {
    AtTerminal at{"trap 'echo caught; exit 0' INT; echo ready; while :; do read -r line; done"};
    at.wait_for("ready");
    at.type("\x03");
    at.wait_for("caught");
    at.wait_for("ended done");
    CHECK(at.wait() == 0);
}

TEST_CASE("a window size change is forwarded to the command") {
    AtTerminal at{
        "trap 'stty size; exit 0' WINCH; echo ready; while :; do read -r line < $DIR/never; done"};
    at.wait_for("ready");
    at.resize(44);
    at.wait_for("44 99");
    CHECK(at.wait() == 0);
}

TEST_CASE("a terminating signal restores the caller's terminal") {
    AtTerminal at{"echo ready; exec sleep 1000"};
    at.wait_for("ready");
    CHECK(at.is_raw());
    REQUIRE(kill(at.pid(), SIGTERM) == 0);
    at.wait_for("ended cancelled");
    CHECK(at.wait() == 143);
    CHECK_FALSE(at.is_raw());
}

TEST_CASE("the caller's terminal is restored while the supervisor is stopped") {
    AtTerminal at{"echo ready; read -r line; echo got $line"};
    at.wait_for("ready");
    REQUIRE(kill(at.pid(), SIGTSTP) == 0);
    int status = 0;
    REQUIRE(waitpid(at.pid(), &status, WUNTRACED) == at.pid());
    REQUIRE(WIFSTOPPED(status));
    CHECK_FALSE(at.is_raw());
    REQUIRE(kill(at.pid(), SIGCONT) == 0);
    at.type("words\r");
    at.wait_for("got words");
    CHECK(at.wait() == 0);
}

TEST_CASE("the caller's terminal is restored after the command's last output was shown") {
    AtTerminal at{"kill -STOP $PPID; seq 2000; echo over"};
    int status = 0;
    REQUIRE(waitpid(at.pid(), &status, WUNTRACED) == at.pid());
    REQUIRE(WIFSTOPPED(status));
    at.await_end_of_command();
    REQUIRE(kill(at.pid(), SIGCONT) == 0);
    const std::string shown = at.wait_for("ended done");
    CHECK_THAT(shown, Catch::StartsWith("1\r\n2\r\n"));
    // A terminal that is not raw writes a carriage return of its own.
    CHECK_THAT(shown, Catch::Contains("2000\r\nover\r\n"));
    CHECK(at.wait() == 0);
}

TEST_CASE("piped input is typed into the command's terminal followed by Ctrl-D") {
    Pipe input = make_pipe();
    REQUIRE(write_all(input.write_end.get(), "one\ntwo"));
    input.write_end.reset();
    RunCase run{"test -t 0 && test -t 1 && stty size && cat; echo over"};
    run.options.foreground = true;
    run.options.tty = true;
    const UniqueFd saved{fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10)};
    dup2(input.read_end.get(), STDIN_FILENO);
    CHECK(run.run().exit_status == 0);
    dup2(saved.get(), STDIN_FILENO);
    const std::string logged = run.logged(kOut);
    CHECK(logged.find("one\r\ntwo") != std::string::npos);
    CHECK(logged.ends_with("over\r\n"));
}

TEST_CASE("a file is typed no faster than the command reads") {
    RunCase run{"stty raw; head -c 300000 | wc -c"};
    std::string lines;
    while (lines.size() < 300'000)
        lines += "123456789\n";
    const std::string path = run.dir() / "typed";
    REQUIRE(write_all(open_file(path, O_CREAT | O_WRONLY, 0600).get(), lines));
    run.options.foreground = true;
    run.options.tty = true;
    const UniqueFd saved{fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10)};
    dup2(open_file(path, O_RDONLY).get(), STDIN_FILENO);
    CHECK(run.run().exit_status == 0);
    dup2(saved.get(), STDIN_FILENO);
    CHECK(run.logged(kOut).find("300000") != std::string::npos);
}

TEST_CASE("given input is read instead of the terminal") {
    RunCase run{"test -t 1 && ! test -t 0 && cat > $DIR/got"};
    run.command.input = "given\n";
    run.options.foreground = true;
    run.options.tty = true;
    CHECK(run.run().exit_status == 0);
    CHECK(run.file("got") == "given\n");
}

TEST_CASE("all terminal output of a command is kept") {
    RunCase run{"seq 20000; printf last"};
    run.options.foreground = true;
    run.options.tty = true;
    const UniqueFd saved{fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10)};
    dup2(open_file("/dev/null", O_WRONLY).get(), STDOUT_FILENO);
    CHECK(run.run().exit_status == 0);
    dup2(saved.get(), STDOUT_FILENO);
    const std::string logged = run.logged(kOut);
    CHECK(logged.starts_with("1\r\n2\r\n"));
    CHECK(logged.ends_with("20000\r\nlast"));
}

}  // namespace atlasjob
