#include "runner/worker/worker_lock.h"

#include "base/error.h"
#include "base/file_identity.h"
#include "base/owned_file.h"
#include "base/text.h"
#include "runner/worker/replaced_ledger.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace atlasjob {

namespace {

/// How often the file may be found replaced once it is locked.
constexpr int kMaxTries = 100;

/// How long to wait for whoever has the lock for another file: it looks every second whether that
/// is still the ledger.
constexpr int kLookRestMs = 50;
constexpr int kMaxLooks = 200;

std::string lock_path(const std::string& ledger) {
    return ledger + ".worker";
}

/// What cannot be noted is not told apart from what is for the ledger that is there.
void note_ledger(int fd, const std::string& ledger) {
    const std::string text = PathIdentity{ledger}.text() + '\n';
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data(), text.size(), 0) < 0) return;
}

}  // namespace

std::optional<WorkerLock> WorkerLock::try_take(const std::string& ledger) {
    const std::string path = lock_path(ledger);
    if (PathIdentity{ledger}.text().empty()) {
        throw Error(
            ErrorCode::unavailable, fmt::format("there is no ledger at {}", ledger),
            "say with --ledger where it is");
    }
    for (int tries = 0; tries < kMaxTries; ++tries) {
        UniqueFd fd = open_sibling(ledger, path);
        if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return {};
        if (!is_named(fd.get(), path)) continue;
        note_ledger(fd.get(), ledger);
        return WorkerLock{std::move(fd)};
    }
    refuse_replaced(path);
}

bool WorkerLock::is_for(const std::string& ledger) {
    const UniqueFd fd = open_file(lock_path(ledger), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    std::array<char, 64> noted{};
    const ssize_t count = fd ? pread(fd.get(), noted.data(), noted.size(), 0) : 0;
    const auto text = trim({noted.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))});
    return text.empty() || text == PathIdentity{ledger}.text();
}

std::optional<WorkerLock> WorkerLock::take_when_left(const std::string& ledger) {
    for (int looks = 0;; ++looks) {
        auto lock = try_take(ledger);
        if (lock || looks == kMaxLooks || is_for(ledger)) return lock;
        poll(nullptr, 0, kLookRestMs);
    }
}

std::optional<WorkerLock> WorkerLock::take_over(const std::string& ledger) {
    // An open file that is locked already may be locked again; any other cannot be while it is.
    const bool handed_down =
        is_named(kHandedDown, lock_path(ledger)) && flock(kHandedDown, LOCK_EX | LOCK_NB) == 0;
    if (!handed_down) return take_when_left(ledger);
    fcntl(kHandedDown, F_SETFD, FD_CLOEXEC);
    return WorkerLock{UniqueFd{kHandedDown}};
}

}  // namespace atlasjob
