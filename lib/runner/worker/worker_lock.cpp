#include "runner/worker/worker_lock.h"

#include "base/file_identity.h"
#include "base/owned_file.h"
#include "base/text.h"
#include "ledger/find.h"
#include "runner/worker/replaced_ledger.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace atlasjob {

namespace {

/// How often to try again if the lock file was replaced before it could be locked.
constexpr int kMaxTries = 100;

/// How long to wait (10 s) for a worker that holds the lock for another file; it checks every
/// second whether that is still the ledger.
constexpr int kPollIntervalMs = 50;
constexpr int kMaxPolls = 200;
constexpr int kReleasePollMs = 10;

std::string lock_path(const LedgerAddress& ledger) {
    return ledger.host_file(".worker");
}

Time time_of(const timespec& at) {
    return from_ms(std::int64_t{at.tv_sec} * 1000 + at.tv_nsec / 1'000'000);
}

/// Best effort: without this note, is_for() assumes the current ledger.
void note_ledger(int fd, const LedgerAddress& ledger) {
    const std::string text = ledger.identity().text() + '\n';
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data(), text.size(), 0) < 0) return;
}

/// What the lock file says.
struct Notes {
    std::string ledger;
    pid_t worker = 0;
    std::uint64_t worker_start = 0;
};

/// The lock file as it is; invalid if there is none. Throws Error(unavailable) if another account
/// may have made it.
UniqueFd open_lock(const LedgerAddress& ledger) {
    struct stat main {};
    if (stat(ledger.host_file({}).c_str(), &main) != 0) return {};
    const std::string path = lock_path(ledger);
    return open_owned_file({AT_FDCWD, path, path}, O_RDONLY, FileOwner::of(main));
}

Notes read_notes(const UniqueFd& fd) {
    std::array<char, 128> bytes{};
    const ssize_t count = fd ? pread(fd.get(), bytes.data(), bytes.size(), 0) : 0;
    const std::string_view text{
        bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    const auto lines = split(text, '\n');
    Notes notes;
    notes.ledger = trim(lines[0]);
    if (lines.size() < 2) return notes;
    const std::size_t space = lines[1].find(' ');
    if (space == std::string_view::npos) return notes;
    notes.worker = parse_integer<pid_t>(lines[1].substr(0, space)).value_or(0);
    notes.worker_start = parse_integer<std::uint64_t>(lines[1].substr(space + 1)).value_or(0);
    return notes;
}

/// Takes the lock for a moment to see.
bool is_locked(int fd) {
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) return true;
    flock(fd, LOCK_UN);
    return false;
}

}  // namespace

std::optional<WorkerLock> WorkerLock::try_take(const LedgerAddress& ledger) {
    const std::string path = lock_path(ledger);
    if (ledger.identity().text().empty()) throw missing_ledger(ledger.display());
    for (int tries = 0; tries < kMaxTries; ++tries) {
        UniqueFd fd = open_sibling(ledger.host_file({}), path);
        if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return {};
        if (!is_named(fd.get(), path)) continue;
        note_ledger(fd.get(), ledger);
        return WorkerLock{std::move(fd)};
    }
    refuse_replaced(path);
}

bool WorkerLock::is_for(const LedgerAddress& ledger) {
    const std::string text = read_notes(open_lock(ledger)).ledger;
    return text.empty() || text == ledger.identity().text();
}

std::optional<ProcessHandle> WorkerLock::worker_of(const LedgerAddress& ledger) {
    const UniqueFd fd = open_lock(ledger);
    if (!fd || !is_locked(fd.get())) return {};
    const Notes notes = read_notes(fd);
    const auto stat = proc_stat(notes.worker);
    return stat && stat->start_ticks == notes.worker_start ? pin(*stat) : std::nullopt;
}

void WorkerLock::await_release(const LedgerAddress& ledger, milliseconds timeout) {
    const UniqueFd fd = open_lock(ledger);
    for (milliseconds waited{}; waited < timeout && fd && is_locked(fd.get());
         waited += milliseconds{kReleasePollMs})
        poll(nullptr, 0, kReleasePollMs);
}

void WorkerLock::record_worker(pid_t worker) const {
    const auto stat = proc_stat(worker);
    if (!stat) return;
    const std::string text =
        fmt::format("{}\n{} {}\n", read_notes(fd_).ledger, worker, stat->start_ticks);
    // Best effort: without this note, a worker is never found to be restricted.
    if (pwrite(fd_.get(), text.data(), text.size(), 0) < 0) return;
}

std::optional<WorkerLock> WorkerLock::replace_silent(const LedgerAddress& ledger, Time taken_by) {
    const std::string path = lock_path(ledger);
    // Of several processes that want to replace the same file one does.
    const UniqueFd directory =
        open_file(path.substr(0, path.rfind('/') + 1), O_RDONLY | O_DIRECTORY);
    if (!directory || flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return {};
    const UniqueFd held = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat status {};
    // note_ledger() has set the time when the lock was taken. A file that was replaced meanwhile is
    // somebody else's new lock.
    if (!held || fstat(held.get(), &status) != 0 || time_of(status.st_mtim) > taken_by) return {};
    if (!is_named(held.get(), path) || unlink(path.c_str()) != 0) return {};
    return try_take(ledger);
}

std::optional<WorkerLock> WorkerLock::wait_and_take(const LedgerAddress& ledger) {
    for (int polls = 0;; ++polls) {
        auto lock = try_take(ledger);
        if (lock || polls == kMaxPolls || is_for(ledger)) return lock;
        poll(nullptr, 0, kPollIntervalMs);
    }
}

std::optional<WorkerLock> WorkerLock::take_over(const LedgerAddress& ledger) {
    // Locking again succeeds only on the same open file, so this tells whether it was inherited.
    const bool inherited =
        is_named(kInheritedFd, lock_path(ledger)) && flock(kInheritedFd, LOCK_EX | LOCK_NB) == 0;
    std::optional<WorkerLock> lock;
    if (inherited) {
        fcntl(kInheritedFd, F_SETFD, FD_CLOEXEC);
        lock = WorkerLock{UniqueFd{kInheritedFd}};
    } else {
        lock = wait_and_take(ledger);
    }
    if (lock) lock->record_worker(getpid());
    return lock;
}

}  // namespace atlasjob
