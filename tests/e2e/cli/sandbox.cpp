#include "e2e/cli/sandbox.h"

#include "base/error.h"
#include "support/places.h"
#include "support/timeout.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace atlasjob::test {

namespace {

constexpr int kPauseMs = 20;  ///< Between two looks at what is awaited.

/// Appends the bytes of one read; returns false at the end of the stream.
bool append_from(int fd, std::string& text) {
    std::array<char, 65536> buffer{};
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// The descriptors of a new process; its signals are unblocked and have their default actions.
class SpawnPlan {
  public:
    SpawnPlan() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    void connect(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }

    pid_t spawn(std::vector<std::string> argv, std::vector<std::string> environment) const {
        pid_t pid = -1;
        const int error = posix_spawnp(
            &pid, argv[0].c_str(), &actions_, &attributes_, pointers_to(argv).data(),
            pointers_to(environment).data());
        if (error != 0) throw std::runtime_error(argv[0] + ": " + errno_text(error));
        return pid;
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

}  // namespace

nlohmann::json Ran::json() const {
    return nlohmann::json::parse(out);
}
nlohmann::json Ran::error_json() const {
    return nlohmann::json::parse(err).at("error");
}
std::string Ran::line() const {
    return out.ends_with('\n') ? out.substr(0, out.size() - 1) : out;
}

Running::Running(Running&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::move(other.input_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)),
      ran_(std::move(other.ran_)) {}

Running::~Running() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

void Running::signal(int number) const {
    kill(pid_, number);
}

void Running::kill_now() const {
    signal(SIGKILL);
    siginfo_t ended{};
    while (waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) < 0
           && errno == EINTR) {
    }
}

bool Running::read_more() {
    std::array<pollfd, 2> streams = {pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0}};
    if (!out_ && !err_) return false;
    static constexpr int kMaxSilenceMs = 60'000;
    if (poll(streams.data(), streams.size(), kMaxSilenceMs) == 0) {
        throw std::runtime_error("a program under test hung; output: " + ran_.out + ran_.err);
    }
    if (streams[0].revents != 0 && !append_from(out_.get(), ran_.out)) out_.reset();
    if (streams[1].revents != 0 && !append_from(err_.get(), ran_.err)) err_.reset();
    return true;
}

bool Running::wait_for(const std::string& text) {
    while (ran_.out.find(text) == std::string::npos) {
        if (!out_ || !read_more()) return false;
    }
    return true;
}

bool Running::wait_for_error(const std::string& text) {
    while (ran_.err.find(text) == std::string::npos) {
        if (!err_ || !read_more()) return false;
    }
    return true;
}

std::string Running::first_line() {
    if (!wait_for("\n"))
        throw std::runtime_error("a program under test printed no line: " + ran_.err);
    return ran_.out.substr(0, ran_.out.find('\n'));
}

Ran Running::wait() {
    while (read_more()) {
    }
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    ran_.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return std::move(ran_);
}

Sandbox::Sandbox() {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    environment_ = {
        {"HOME", dir_.path()},
        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
        {"TZ", "UTC"},
        {"ATLASJOB_LEDGER", ledger()},
        {"ATLASJOB_ON_DEMAND_WORKER", "false"},
        {"ATLASJOB_PRINCIPAL", "alice"}};
    for (const char* const name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (const auto value = atlasjob::environment(name)) environment_[name] = *value;
    }
}

bool Sandbox::untouched() const {
    return std::filesystem::is_empty(dir_.path());
}

Running Sandbox::start_program(const std::vector<std::string>& argv) const {
    Pipe input = make_pipe();
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    SpawnPlan plan;
    plan.connect(input.read_end.get(), STDIN_FILENO);
    plan.connect(out.write_end.get(), STDOUT_FILENO);
    plan.connect(err.write_end.get(), STDERR_FILENO);
    std::vector<std::string> environment;
    for (const auto& [name, value] : environment_)
        environment.push_back(fmt::format("{}={}", name, value));
    const pid_t pid = plan.spawn(argv, environment);
    return {pid, std::move(input.write_end), std::move(out.read_end), std::move(err.read_end)};
}

Ran Sandbox::exec(const std::vector<std::string>& argv, const std::string& input) const {
    Running running = start_program(argv);
    running.write(input);
    running.close_input();
    return running.wait();
}

Running Sandbox::start(const std::vector<std::string>& args) const {
    std::vector<std::string> argv = {kProgram};
    argv.insert(argv.end(), args.begin(), args.end());
    return start_program(argv);
}

Ran Sandbox::run(const std::vector<std::string>& args, const std::string& input) const {
    Running running = start(args);
    running.write(input);
    running.close_input();
    return running.wait();
}

Ran Sandbox::shell(const std::string& script) const {
    return exec({"sh", "-c", "atlasjob='" + std::string{kProgram} + "'\n" + script});
}

void Sandbox::make_ledger() const {
    const Ran ran = run({"import", "-"});
    if (ran.exit_status != 0) throw std::runtime_error("import: " + ran.err);
}

std::string Sandbox::create(const std::vector<std::string>& options) const {
    std::vector<std::string> args = {"create", "--kind", "sync"};
    args.insert(args.end(), options.begin(), options.end());
    const Ran ran = run(args);
    if (ran.exit_status != 0) throw std::runtime_error("create: " + ran.err);
    return ran.line();
}

nlohmann::json Sandbox::status(const std::string& job) const {
    const Ran ran = run({"status", job, "--json"});
    if (ran.exit_status != 0) throw std::runtime_error("status: " + ran.err);
    return ran.json();
}

std::string Sandbox::submit(
    const std::string& script, const std::vector<std::string>& options) const {
    std::vector<std::string> args = {"submit"};
    args.insert(args.end(), options.begin(), options.end());
    args.insert(args.end(), {"--", "sh", "-c", script});
    const Ran ran = run(args);
    if (ran.exit_status != 0) throw std::runtime_error("submit: " + ran.err);
    return ran.line();
}

void Sandbox::drain() const {
    const Ran ran = run({"worker", "--slots", "2", "--drain"});
    if (ran.exit_status != 0) throw std::runtime_error("worker: " + ran.err);
}

void Sandbox::await(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{kTimeoutMs};
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("what was awaited does not happen");
        poll(nullptr, 0, kPauseMs);
    }
}

void Sandbox::stop_workers() const {
    const auto doctor = run({"doctor", "--json"}).json();
    std::string workers;
    for (const auto& finding : doctor["findings"]) {
        if (finding["subject"] == "workers") workers = finding["text"];
    }
    static constexpr std::string_view kLabel = "pid ";
    for (std::size_t at = workers.find(kLabel); at != std::string::npos;
         at = workers.find(kLabel, at + 1)) {
        const pid_t pid = std::stoi(workers.substr(at + kLabel.size()));
        const UniqueFd pidfd{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
        if (!pidfd) continue;
        kill(pid, SIGTERM);
        pollfd ended{pidfd.get(), POLLIN, 0};
        if (poll(&ended, 1, kTimeoutMs) != 1)
            throw std::runtime_error("a worker does not exit: " + workers);
    }
}

}  // namespace atlasjob::test
