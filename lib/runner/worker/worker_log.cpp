#include "runner/worker/worker_log.h"

#include "base/clock.h"
#include "base/file_trust.h"
#include "base/owned_file.h"
#include "base/printable.h"
#include "base/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

namespace atlasjob {

namespace {

constexpr std::string_view kFolder = ".logs";
constexpr const char* kName = "worker.log";
constexpr std::string_view kSuffix = ".logs/worker.log";
constexpr std::string_view kInfo = "info";
constexpr std::string_view kError = "error";

std::int64_t size_of(int fd) {
    struct stat status {};
    return fstat(fd, &status) == 0 ? std::int64_t{status.st_size} : 0;
}

/// The last `count` bytes of a file, or all if it is shorter.
std::string tail_of(int fd, std::int64_t count) {
    std::string bytes(static_cast<std::size_t>(std::min(count, size_of(fd))), '\0');
    const std::int64_t from = size_of(fd) - static_cast<std::int64_t>(bytes.size());
    const ssize_t got = pread(fd, bytes.data(), bytes.size(), std::max<std::int64_t>(from, 0));
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return bytes;
}

/// What is appended meanwhile, which is rare, may be lost.
void cut(int fd) {
    if (size_of(fd) <= kMaxWorkerLog) return;
    const std::string tail = tail_of(fd, kKeptWorkerLog);
    const std::string_view lines = std::string_view{tail}.substr(tail.find('\n') + 1);
    if (ftruncate(fd, 0) != 0 || !write_all(fd, lines)) return;
}

struct Line {
    std::optional<Time> at;
    std::string_view level;
    std::string_view text;
};

/// A line that was not written here counts as an error, with its whole text.
Line parse_line(std::string_view line) {
    const Line foreign{{}, kError, line};
    const std::size_t time_end = line.find(' ');
    if (time_end == std::string_view::npos) return foreign;
    const auto at = parse_time(line.substr(0, time_end));
    const std::size_t pid_end = line.find(' ', time_end + 1);
    if (!at || pid_end == std::string_view::npos) return foreign;
    const std::size_t level_end = line.find(' ', pid_end + 1);
    if (level_end == std::string_view::npos) return foreign;
    return {at, line.substr(pid_end + 1, level_end - pid_end - 1), line.substr(level_end + 1)};
}

/// Whether standard error is the log, and not that of a worker that somebody has started.
bool is_log(int fd) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length =
        readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), target.data(), target.size());
    return length > 0
           && std::string_view{target.data(), static_cast<std::size_t>(length)}.ends_with(kSuffix);
}

/// The log and its folder belong to the owner of the ledger.
FileOwner owner_of(const LedgerAddress& ledger) {
    struct stat status {};
    if (stat(ledger.host_file({}).c_str(), &status) == 0) return FileOwner::of(status);
    return {geteuid(), getegid()};
}

/// Invalid if there is none. Throws as base/owned_file.h.
UniqueFd open_log(const LedgerAddress& ledger) {
    const FileOwner owner = owner_of(ledger);
    const std::string folder = ledger.host_file(kFolder);
    const UniqueFd directory = open_owned_directory({AT_FDCWD, folder, folder}, owner);
    if (!directory) return {};
    return open_owned_file({directory.get(), kName, worker_log_path(ledger)}, O_RDONLY, owner);
}

UniqueFd open_or_make_log(const LedgerAddress& ledger) {
    const FileOwner owner = owner_of(ledger);
    const std::string folder = ledger.host_file(kFolder);
    const UniqueFd directory = open_or_make_owned_directory({AT_FDCWD, folder, folder}, owner);
    const FilePlace place{directory.get(), kName, worker_log_path(ledger)};
    return open_or_make_owned_file(place, O_RDWR | O_APPEND, owner);
}

/// In one write, so that lines of several processes do not mix.
void write_line(std::string_view level, std::string_view text) {
    const std::string line = fmt::format(
        "{} {} {} {}\n", format_time(machine_clock().now()), getpid(), level,
        escape_controls(text));
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
    if (is_log(STDERR_FILENO)) cut(STDERR_FILENO);
}

}  // namespace

std::string worker_log_path(const LedgerAddress& ledger) {
    return ledger.host_file(kSuffix);
}

UniqueFd open_worker_log(const LedgerAddress& ledger) {
    // A ledger that was moved gets no folder in its old place.
    if (ledger.identity().text().empty()) return {};
    try {
        UniqueFd fd = open_or_make_log(ledger);
        cut(fd.get());
        return fd;
    } catch (const Error&) {
        return {};
    }
}

std::optional<WorkerError> last_worker_error(const LedgerAddress& ledger) {
    std::string tail;
    try {
        if (const UniqueFd fd = open_log(ledger)) tail = tail_of(fd.get(), kKeptWorkerLog);
    } catch (const Error&) {
        return {};
    }
    bool latest = true;
    const std::vector<std::string_view> lines = split(tail, '\n');
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        if (trim(*line).empty()) continue;
        const Line read = parse_line(*line);
        if (read.level != kInfo) return WorkerError{read.at, repair_utf8(read.text), latest};
        latest = false;
    }
    return {};
}

void log_worker_info(std::string_view text) {
    write_line(kInfo, text);
}

void log_worker_error(const Error& error) {
    write_line(
        kError, error.hint().empty() ? error.message()
                                     : fmt::format("{}; {}", error.message(), error.hint()));
}

void RepeatedError::note(const std::optional<Error>& error) {
    const std::string text = error ? error->message() : "";
    if (text == last_) return;
    if (error) {
        log_worker_error(*error);
    } else {
        log_worker_info("it works again");
    }
    last_ = text;
}

}  // namespace atlasjob
