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
/// The exit status is written out: a program that ignores SIGCHLD cannot wait for it.
constexpr const char* kAsk =
    R"("$0" passwd "$1" </dev/null 2>/dev/null; status=$?; echo; echo "exit $status")";
constexpr std::string_view kExit = "exit ";
constexpr int kNoSuchAccount = 2;  ///< getent(1): "key could not be found".
constexpr std::size_t kMaxAnswer = 65536;

[[noreturn]] void fail(std::string_view why) {
    throw Error(ErrorCode::unavailable, why);
}

/// In lines as /etc/passwd has them.
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

/// LDAP and the like are asked by a program of the system: their modules are shared libraries, and
/// this program starts in three quarters of the time because it needs none. Empty: there is none.
std::string find_getent() {
    // Where the system has it whatever our PATH, so that cron and a shell give one account one
    // name.
    const std::string path = environment("PATH").value_or("") + ":/usr/bin:/bin";
    for (const std::string_view directory : split(path, ':')) {
        if (!directory.starts_with('/')) continue;  // Never in the current folder.
        std::string file = fmt::format("{}/getent", directory);
        if (is_program(file)) return file;
    }
    return {};
}

/// getent at its work. Killed and reaped when it goes out of scope.
class Question {
  public:
    /// Not valid() where there is no shell.
    Question(const std::string& getent, const std::string& uid);
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    ~Question();

    bool valid() const { return pid_ > 0; }
    /// All it writes. Throws Error when that is too much or takes too long.
    std::string answer(milliseconds timeout) const;

  private:
    UniqueFd out_;
    pid_t pid_ = -1;
};

Question::Question(const std::string& getent, const std::string& uid) {
    Pipe pipe = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe.write_end.get(), STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::array<std::string, 5> words = {"sh", "-c", kAsk, getent, uid};
    std::array<char*, 6> argv{};
    std::ranges::transform(words, argv.begin(), [](std::string& word) { return word.data(); });
    const int error = posix_spawn(&pid_, "/bin/sh", &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    out_ = std::move(pipe.read_end);
    if (error == 0) return;
    pid_ = -1;
    if (error != ENOENT) fail("getent cannot be started: " + errno_text(error));
}

Question::~Question() {
    if (!valid()) return;
    // What it has started is in its session.
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::string Question::answer(milliseconds timeout) const {
    const auto deadline = steady_clock::now() + timeout;
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() < kMaxAnswer) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        pollfd readable{out_.get(), POLLIN, 0};
        const int ready =
            poll(&readable, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready == 0)
            fail(fmt::format("getent has not answered for {}", format_duration(timeout)));
        if (ready < 0) continue;  // Interrupted.
        const ssize_t count = read(out_.get(), buffer.data(), buffer.size());
        if (count == 0) return text;
        if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    fail("getent answers without end");
}

/// The number after the last line's "exit ".
std::optional<int> status_in(std::string_view answer) {
    const std::string_view text = trim(answer);
    const std::size_t line = text.rfind('\n');
    const std::string_view last = line == std::string_view::npos ? text : text.substr(line + 1);
    if (!last.starts_with(kExit)) return {};
    return parse_integer<int>(last.substr(kExit.size()));
}

std::optional<std::string> directory_name(const std::string& uid, milliseconds timeout) {
    const std::string getent = find_getent();
    if (getent.empty()) return {};
    const Question question{getent, uid};
    if (!question.valid()) return {};
    const std::string answer = question.answer(timeout);
    const auto status = status_in(answer);
    if (status == kNoSuchAccount) return {};
    if (status != 0)
        fail(status ? fmt::format("getent ended with {}", *status) : "getent was ended");
    if (auto name = name_in(answer, uid)) return name;
    fail("getent answered something else");
}

std::string look_up(uid_t uid, milliseconds timeout) {
    const std::string number = std::to_string(uid);
    // The local file first: a directory costs more than the rest of `status` together.
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
            fmt::format("cannot find out who account {} is: {}", uid, error.message()));
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
            ErrorCode::unavailable, "cannot find out who you are: " + error.message(),
            "give --principal NAME or set ATLASJOB_PRINCIPAL");
    }
}

}  // namespace atlasjob
