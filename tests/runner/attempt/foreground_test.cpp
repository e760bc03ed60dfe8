#include "event/signal_blocked_thread.h"
#include "process/proc.h"
#include "runner/run_case.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace atlasjob {

namespace {

using test::RunCase;

/// Replaces a standard descriptor by `fd`; the destructor restores it.
class RedirectedDescriptor {
  public:
    RedirectedDescriptor(int standard, int fd)
        : standard_(standard), saved_(fcntl(standard, F_DUPFD_CLOEXEC, 10)) {
        REQUIRE(dup2(fd, standard) == standard);
    }
    RedirectedDescriptor(const RedirectedDescriptor&) = delete;
    RedirectedDescriptor& operator=(const RedirectedDescriptor&) = delete;
    ~RedirectedDescriptor() { dup2(saved_.get(), standard_); }

  private:
    int standard_;
    UniqueFd saved_;
};

/// Reads a pipe to its end in a thread, so that the writer never blocks.
class Reader {
  public:
    Reader() : thread_(start_signal_blocked_thread([this] { read_all(); })) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() {
        if (thread_.joinable()) finish();
    }
    int end() const { return pipe_.write_end.get(); }
    std::string finish() {
        pipe_.write_end.reset();
        thread_.join();
        return text_;
    }

  private:
    void read_all() {
        std::array<char, 65536> buffer{};
        for (;;) {
            const ssize_t count = read(pipe_.read_end.get(), buffer.data(), buffer.size());
            if (count <= 0) return;
            text_.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

    Pipe pipe_ = make_pipe();
    std::string text_;
    std::thread thread_;
};

struct ForegroundRun : RunCase {
    explicit ForegroundRun(const std::string& script) : RunCase(script) {
        options.foreground = true;
    }
};

}  // namespace

TEST_CASE(
    "output that cannot be written in the foreground is logged and the other stream continues") {
    Reader err;
    const UniqueFd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    REQUIRE(full);
    ForegroundRun run{"echo one; echo oh >&2; seq 100000; echo end >&2"};
    SuperviseResult result;
    {
        const RedirectedDescriptor out_place{STDOUT_FILENO, full.get()};
        const RedirectedDescriptor err_place{STDERR_FILENO, err.end()};
        result = run.run();
    }
    CHECK(err.finish() == "oh\nend\n");
    REQUIRE(result.output_failure);
    CHECK(result.output_failure->stream == Stream::standard_output);
    CHECK(result.output_failure->error == ENOSPC);
    CHECK(result.exit_status == 125);
    CHECK(run.job().status == Status::error);
    CHECK(run.job().error_code == "output_lost");
    const std::string logged = run.logged(Stream::standard_output);
    CHECK(logged.starts_with("one\n1\n2\n"));
    CHECK(logged.ends_with("\n100000\n"));
    // The failure is noted exactly once.
    const std::string noted = run.logged(Stream::standard_error);
    const std::size_t note = noted.find("only in this log");
    CHECK(note != std::string::npos);
    CHECK(noted.find("only in this log", note + 1) == std::string::npos);
}

TEST_CASE("foreground output passes through byte for byte and is logged too") {
    Reader out;
    Reader err;
    ForegroundRun run{"cat /bin/true; printf 'oh\\377' >&2; printf 'no end'"};
    {
        const RedirectedDescriptor standard_output{STDOUT_FILENO, out.end()};
        const RedirectedDescriptor standard_error{STDERR_FILENO, err.end()};
        run.run();
    }
    const std::string expected = read_file("/bin/true").value() + "no end";
    CHECK(out.finish() == expected);
    CHECK(err.finish() == "oh\377");
    CHECK(run.logged(Stream::standard_output) == expected);
    CHECK(run.logged(Stream::standard_error) == "oh\377");
    CHECK(run.job().status == Status::done);
}

TEST_CASE("a foreground command reads the standard input of atlasjob") {
    Pipe input = make_pipe();
    REQUIRE(write_all(input.write_end.get(), "typed\n"));
    input.write_end.reset();
    Reader out;
    ForegroundRun run{"cat"};
    {
        const RedirectedDescriptor standard_input{STDIN_FILENO, input.read_end.get()};
        const RedirectedDescriptor standard_output{STDOUT_FILENO, out.end()};
        CHECK(run.run().exit_status == 0);
    }
    CHECK(out.finish() == "typed\n");
}

TEST_CASE("a reader that closes its pipe neither ends the command nor loses log output") {
    Pipe pipe = make_pipe();
    pipe.read_end.reset();
    ForegroundRun run{"yes | head -c 300000; echo over >&2"};
    Reader err;
    {
        const RedirectedDescriptor standard_output{STDOUT_FILENO, pipe.write_end.get()};
        const RedirectedDescriptor standard_error{STDERR_FILENO, err.end()};
        CHECK(run.run().exit_status == 0);
    }
    CHECK(err.finish() == "over\n");
    CHECK(run.logged(Stream::standard_output).size() == 300'000);
}

TEST_CASE("a slow reader slows the command but not the heartbeats and gets all output") {
    Pipe pipe = make_pipe();
    ForegroundRun run{"yes | head -c 300000; echo > $DIR/up"};
    std::string got;
    bool lease_renewed = false;
    std::thread reader = start_signal_blocked_thread([&] {
        const auto own_store = run.another_store();
        const auto lease_of = [&] {
            const auto attempts = own_store->running_attempts();
            return attempts.empty() ? std::nullopt : attempts[0].lease_until;
        };
        // After the first bytes the pipe fills up; from then on only a heartbeat renews the lease.
        pollfd waiting{pipe.read_end.get(), POLLIN, 0};
        poll(&waiting, 1, -1);
        const auto before = lease_of();
        run.clock().advance(milliseconds{1000});
        const auto changes = own_store->watch_changes();
        while (lease_of() == before)
            changes->wait(milliseconds{20});
        lease_renewed = true;
        std::array<char, 4096> buffer{};
        for (;;) {
            const ssize_t count = read(pipe.read_end.get(), buffer.data(), buffer.size());
            if (count <= 0) return;
            got.append(buffer.data(), static_cast<std::size_t>(count));
        }
    });
    run.meanwhile = [](Store&, const std::string&) {};
    {
        const RedirectedDescriptor standard_output{STDOUT_FILENO, pipe.write_end.get()};
        pipe.write_end.reset();
        CHECK(run.run().exit_status == 0);
    }
    reader.join();
    CHECK(lease_renewed);
    CHECK(got.size() == 300'000);
}

TEST_CASE("a command with a grace that ignores a forwarded signal is killed after it") {
    ForegroundRun run{"trap '' TERM; echo > $DIR/up; while :; do sleep 1000; done"};
    run.command.grace = milliseconds{100};
    run.meanwhile = [&](Store&, const std::string&) { kill(getpid(), SIGTERM); };
    CHECK(run.run().exit_status == 128 + SIGKILL);
    CHECK(run.job().status == Status::cancelled);
    CHECK(run.job().reason == Reason::user);
}

TEST_CASE("a signal to the supervisor is forwarded and the job ends cancelled") {
    for (const int signo : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        ForegroundRun run{
            "trap 'echo got it > $DIR/got; exit 9' INT TERM HUP QUIT; echo > $DIR/up;"
            "while :; do read -r line <> $DIR/never; done"};
        run.meanwhile = [&](Store&, const std::string&) { kill(getpid(), signo); };
        CHECK(run.run().exit_status == 9);
        CHECK(run.file("got") == "got it\n");
        const Job job = run.job();
        CHECK(job.status == Status::cancelled);
        CHECK(job.reason == Reason::user);
        CHECK(job.error == "Cancelled by user");
    }
}

TEST_CASE("a command killed by a forwarded signal makes the exit status 128 + n") {
    ForegroundRun run{"echo > $DIR/up; exec sleep 1000"};
    run.meanwhile = [&](Store&, const std::string&) { kill(getpid(), SIGINT); };
    CHECK(run.run().exit_status == 130);
    CHECK(run.job().status == Status::cancelled);
    CHECK(run.job().signal == "SIGINT");
}

TEST_CASE("an interrupt speeds up the termination of descendants") {
    ForegroundRun run{
        "setsid sh -c 'trap \"echo > $DIR/up\" TERM; echo > $DIR/ready;"
        " while :; do read -r line <> $DIR/never; done' & read -r line < $DIR/ready"};
    REQUIRE(mkfifo((run.dir() / "ready").c_str(), 0600) == 0);
    run.meanwhile = [&](Store&, const std::string&) { kill(getpid(), SIGINT); };
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::done);
}

TEST_CASE("a signal that was ignored before stays ignored") {
    const auto before = std::signal(SIGHUP, SIG_IGN);
    ForegroundRun run{"echo > $DIR/up; read -r line < $DIR/go"};
    run.meanwhile = [&](Store&, const std::string&) {
        kill(getpid(), SIGHUP);
        run.go();
    };
    CHECK(run.run().exit_status == 0);
    CHECK(run.job().status == Status::done);
    std::signal(SIGHUP, before);
}

TEST_CASE("Ctrl-Z stops command and supervisor and both continue together") {
    // The supervisor runs in a child of the test so that the test can observe it being stopped.
    Pipe pids = make_pipe();
    Pipe go = make_pipe();
    const pid_t supervisor = fork();
    if (supervisor == 0) {
        ForegroundRun run{"echo $$ > $DIR/up; read -r line && exit 6"};
        run.meanwhile = [&](Store&, const std::string& line) {
            static_cast<void>(write_all(pids.write_end.get(), line));
        };
        dup2(go.read_end.get(), STDIN_FILENO);
        _exit(run.run().exit_status);
    }
    std::string line(32, '\0');
    REQUIRE(read(pids.read_end.get(), line.data(), line.size()) > 0);
    const auto command = static_cast<pid_t>(std::stoi(line));

    REQUIRE(kill(supervisor, SIGTSTP) == 0);
    int status = 0;
    REQUIRE(waitpid(supervisor, &status, WUNTRACED) == supervisor);
    REQUIRE(WIFSTOPPED(status));
    // The command gets its signal before the supervisor stops but acts on it only when scheduled.
    while (!proc_stat(command)->stopped())
        sched_yield();

    REQUIRE(kill(supervisor, SIGCONT) == 0);
    REQUIRE(write_all(go.write_end.get(), "go\n"));
    REQUIRE(waitpid(supervisor, &status, 0) == supervisor);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 6);
}

}  // namespace atlasjob
