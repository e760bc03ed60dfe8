#include "process/account.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>

namespace atlasjob {

namespace {

using std::chrono::steady_clock;

constexpr const char* kAccounts = "/etc/passwd";
/// Prints getent's exit status, because a process that ignores SIGCHLD cannot wait for it.
constexpr const char* kScript =
    R"("$0" passwd "$1" </dev/null 2>/dev/null; status=$?; echo; echo "exit $status")";
constexpr std::string_view kStatusPrefix = "exit ";
constexpr int kNoSuchAccount = 2;  ///< getent(1): "key could not be found".
constexpr std::size_t kMaxOutput = 65536;

[[noreturn]] void fail(std::string_view why) {
    throw Error(ErrorCode::unavailable, why);
}

/// Searches lines in the format of /etc/passwd.
std::optional<std::string> name_in(std::string_view accounts, std::string_view uid) {
    for (const std::string_view line : split(accounts, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() > 2 && fields[2] == uid && !fields[0].empty()) {
            return std::string{fields[0]};
        }
    }
    return {};
}

std::optional<std::string> local_name(std::string_view uid) {
    const auto accounts = read_file(kAccounts);
    const int error = errno;
    if (accounts) return name_in(*accounts, uid);
    if (error == ENOENT) return {};
    fail(fmt::format("{}: {}", kAccounts, errno_text(error)));
}

bool is_program(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)
           && access(path.c_str(), X_OK) == 0;
}

/// LDAP and the like are queried by a separate program, because their modules are shared libraries:
/// atlasjob needs none and so starts in three quarters of the time. Empty if not installed.
std::string find_getent() {
    // The system's directories are always searched, so that an account has the same name under
    // cron and in a shell.
    const std::string path = environment("PATH").value_or("") + ":/usr/bin:/bin";
    for (const std::string_view directory : split(path, ':')) {
        if (!directory.starts_with('/')) continue;  // never in the current directory
        std::string file = fmt::format("{}/getent", directory);
        if (is_program(file)) return file;
    }
    return {};
}

/// A running getent. Killed and reaped at scope exit.
class Getent {
  public:
    /// Not valid() if there is no shell.
    Getent(const std::string& getent, const std::string& uid);
    Getent(const Getent&) = delete;
    Getent& operator=(const Getent&) = delete;
    ~Getent();

    bool valid() const { return pid_ > 0; }
    /// All its output. Throws Error if that is too long or takes too long.
    std::string read_output(milliseconds timeout) const;

  private:
    UniqueFd out_;
    pid_t pid_ = -1;
};

Getent::Getent(const std::string& getent, const std::string& uid) {
    Pipe pipe = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe.write_end.get(), STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::array<std::string, 5> arguments = {"sh", "-c", kScript, getent, uid};
    std::array<char*, 6> argv{};
    std::ranges::transform(
        arguments, argv.begin(), [](std::string& argument) { return argument.data(); });
    const int error = posix_spawn(&pid_, "/bin/sh", &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    out_ = std::move(pipe.read_end);
    if (error == 0) return;
    pid_ = -1;
    if (error != ENOENT) fail("cannot start getent: " + errno_text(error));
}

Getent::~Getent() {
    if (!valid()) return;
    // Its children are in its process group.
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::string Getent::read_output(milliseconds timeout) const {
    const auto deadline = steady_clock::now() + timeout;
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() < kMaxOutput) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        pollfd readable{out_.get(), POLLIN, 0};
        const int ready =
            poll(&readable, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready == 0)
            fail(fmt::format("getent did not finish within {}", format_duration(timeout)));
        if (ready < 0) continue;  // interrupted
        const ssize_t count = read(out_.get(), buffer.data(), buffer.size());
        if (count == 0) return text;
        if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    fail("getent printed too much");
}

/// The number after "exit " in the last line.
std::optional<int> status_in(std::string_view output) {
    const std::string_view text = trim(output);
    const std::size_t line = text.rfind('\n');
    const std::string_view last = line == std::string_view::npos ? text : text.substr(line + 1);
    if (!last.starts_with(kStatusPrefix)) return {};
    return parse_integer<int>(last.substr(kStatusPrefix.size()));
}

std::optional<std::string> directory_name(const std::string& uid, milliseconds timeout) {
    const std::string getent = find_getent();
    if (getent.empty()) return {};
    const Getent process{getent, uid};
    if (!process.valid()) return {};
    const std::string output = process.read_output(timeout);
    const auto status = status_in(output);
    if (status == kNoSuchAccount) return {};
    if (status != 0)
        fail(status ? fmt::format("getent exited with {}", *status) : "getent was killed");
    if (auto name = name_in(output, uid)) return name;
    fail("getent did not return this account");
}

std::string look_up(uid_t uid, milliseconds timeout) {
    const std::string number = std::to_string(uid);
    // The local file first: a directory lookup takes longer than the rest of `status`.
    if (auto name = local_name(number)) return *name;
    return directory_name(number, timeout).value_or(number);
}

}  // namespace

std::string account_name_of(uid_t uid, milliseconds timeout) {
    try {
        return look_up(uid, timeout);
    } catch (const Error& error) {
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot look up the name of account {}: {}", uid, error.message()));
    }
}

std::string account_name() {
    static std::mutex mutex;
    static std::map<uid_t, std::string> known;
    const uid_t uid = geteuid();
    const std::lock_guard lock{mutex};
    if (const auto found = known.find(uid); found != known.end()) return found->second;
    try {
        return known.emplace(uid, look_up(uid, kDirectoryTimeout)).first->second;
    } catch (const Error& error) {
        throw Error(
            ErrorCode::unavailable, "cannot look up your account name: " + error.message(),
            "give --principal NAME or set ATLASJOB_PRINCIPAL");
    }
}

}  // namespace atlasjob
