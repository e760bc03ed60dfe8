#include "runner/attempt/placed_exec.h"

#include "base/error.h"
#include "base/file.h"
#include "process/account.h"
#include "runner/attempt/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <utility>

namespace atlasjob {

namespace {

using std::chrono::steady_clock;

constexpr const char* kSystemdRun = "/usr/bin/systemd-run";
constexpr const char* kThisProgram = "/proc/self/exe";
/// How long a service manager may take to make a scope, as during `daemon-reload`.
constexpr std::chrono::seconds kScopeTimeout{10};
/// The last byte that the new scope writes; messages of systemd-run end with a line end.
constexpr char kInScope = '.';

/// The path under which this program can be started again. Through /proc/self/exe, systemd-run
/// would start itself. nullopt if the file has been replaced or renamed.
std::optional<std::string> program_path() {
    std::array<char, 4096> target{};
    const ssize_t length = readlink(kThisProgram, target.data(), target.size());
    if (length <= 0 || static_cast<std::size_t>(length) == target.size()) return {};
    std::string path{target.data(), static_cast<std::size_t>(length)};
    struct stat running {};
    struct stat named {};
    if (stat(kThisProgram, &running) != 0 || stat(path.c_str(), &named) != 0) return {};
    if (running.st_dev != named.st_dev || running.st_ino != named.st_ino) return {};
    return path;
}

/// Distinct from those of all other scopes, which live as long as their jobs.
std::string scope_name() {
    std::uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = static_cast<std::uint64_t>(getpid());
    return fmt::format("atlasjob-{:016x}.scope", random);
}

/// Run by the shell inside the new scope: reports that it is there, restores standard error from
/// descriptor `spare` and the environment by `restore`, and becomes the program.
std::string arrival_script(std::size_t spare, const std::string& restore) {
    return fmt::format(
        R"(printf {0} >&2; exec 2>&{1} {1}>&-; {2}exec "$@")", kInScope, spare, restore);
}

/// Properties of the scope. Delegate: jobs may get cgroups of their own. SendSIGHUP: a second
/// signal to workers at shutdown, which stops what they run at once. MemoryAccounting: with it,
/// systemd before 253 ends the whole scope when one of its processes is killed for memory.
/// TasksMax: the session that the jobs come from has no limit either.
std::vector<std::string> scope_command(
    bool of_user, const std::string& program, const std::string& script) {
    std::vector<std::string> argv = {
        "systemd-run",
        "--scope",
        "--quiet",
        "--collect",
        "--no-ask-password",
        "--property=Delegate=yes",
        "--property=SendSIGHUP=yes",
        "--property=MemoryAccounting=no",
        "--property=TasksMax=infinity",
        "--unit=" + scope_name(),
        "--description=atlasjob: queued jobs and their worker"};
    if (of_user) argv.emplace_back("--user");
    for (const std::string& word :
         {std::string{"--"}, std::string{"/bin/sh"}, std::string{"-c"}, script, std::string{"sh"},
          program})
        argv.push_back(word);
    return argv;
}

/// Reads until the other end is closed, at most for kScopeTimeout. Returns whether the last byte
/// reports the arrival.
bool await_arrival(int fd) {
    const auto deadline = steady_clock::now() + kScopeTimeout;
    char last = 0;
    for (;;) {
        const auto left =
            std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
        pollfd ready{fd, POLLIN, 0};
        const int count = left > 0 ? poll(&ready, 1, static_cast<int>(left)) : 0;
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        std::array<char, 512> buffer{};
        const ssize_t length = read(fd, buffer.data(), buffer.size());
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) return last == kInScope;
        last = buffer[static_cast<std::size_t>(length) - 1];
    }
}

std::string runtime_directory() {
    return fmt::format("/run/user/{}", geteuid());
}

/// Starts the program through systemd-run; nullopt if it is not in a scope of its own then.
std::optional<ProcessHandle> exec_in_scope(SpawnRequest request, bool of_user) {
    const auto program = program_path();
    if (!program || request.descriptors.size() <= STDERR_FILENO) return {};
    Pipe arrival = make_pipe();
    const std::size_t spare = request.descriptors.size();
    const std::vector<std::string> arguments{request.argv.begin() + 1, request.argv.end()};
    const std::string restore = keep_variables(request.environment);
    request.argv = scope_command(of_user, *program, arrival_script(spare, restore));
    request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
    request.file = kSystemdRun;
    request.descriptors.push_back(
        std::exchange(request.descriptors[STDERR_FILENO], arrival.write_end.get()));
    // systemd-run finds the user's manager by it; cron and su leave it out or keep another
    // account's.
    if (of_user) set_variable(request.environment, "XDG_RUNTIME_DIR", runtime_directory());
    auto started = spawn(request);
    auto* process = std::get_if<ProcessHandle>(&started);
    arrival.write_end.reset();
    if (process == nullptr) return {};
    if (await_arrival(arrival.read_end.get())) return std::move(*process);
    send_signal(*process, SIGKILL);
    await_end({process, 1}, -1);
    reap(process->pid);
    return {};
}

}  // namespace

std::string keep_variables(Environment& environment) {
    std::string script;
    for (const std::string name : {"XDG_RUNTIME_DIR", "INVOCATION_ID", "PWD", "OLDPWD", "SHLVL"}) {
        const std::string_view value = find_variable(environment, name);
        script += fmt::format("unset {}; ", name);
        if (value.data() == nullptr) continue;
        const std::string kept = "ATLASJOB_KEPT_" + name;
        script += fmt::format("export {0}=\"${1}\"; unset {1}; ", name, kept);
        set_variable(environment, kept, std::string{value});
    }
    return script;
}

std::variant<PlacedProcess, SpawnFailure> placed_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options) {
    const PlacementFacts facts = placement_facts();
    const Placement placement = choose_placement(facts);
    if (placement.own_scope) {
        auto process = exec_in_scope(self_exec_request(argv, descriptors, options), !facts.is_root);
        if (process) return PlacedProcess{std::move(*process), placement.lifetime};
    }
    auto started = self_exec(argv, descriptors, options);
    if (auto* failure = std::get_if<SpawnFailure>(&started)) return std::move(*failure);
    return PlacedProcess{
        std::move(std::get<ProcessHandle>(started)), lifetime_in(facts.unit, facts)};
}

bool claim_logout_warning() {
    // The directory is made at the first login and removed after the last logout.
    const std::string directory = runtime_directory() + "/atlasjob";
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return true;
    const UniqueFd mark =
        open_file(directory + "/logout-warning", O_CREAT | O_EXCL | O_WRONLY, 0600);
    return mark || errno != EEXIST;
}

std::string logout_warning() {
    return fmt::format(
        "your account does not linger, so what was started ends with your last logout; "
        "loginctl enable-linger {} lets it continue",
        account_name());
}

}  // namespace atlasjob
