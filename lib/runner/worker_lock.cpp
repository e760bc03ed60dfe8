#include "runner/worker_lock.h"

#include "base/owned_file.h"

#include <fcntl.h>
#include <sys/file.h>

namespace atlasjob {

namespace {

/// How often the file may be found replaced once it is locked.
constexpr int kMostTries = 100;

std::string lock_path(const std::string& ledger) {
    return ledger + ".worker";
}

}  // namespace

std::optional<WorkerLock> WorkerLock::try_take(const std::string& ledger) {
    const std::string path = lock_path(ledger);
    for (int tries = 0; tries < kMostTries; ++tries) {
        UniqueFd fd = open_sibling(ledger, path);
        if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return {};
        if (is_named(fd.get(), path)) return WorkerLock{std::move(fd)};
    }
    refuse_replaced(path);
}

std::optional<WorkerLock> WorkerLock::take_over(const std::string& ledger) {
    // An open file that is locked already may be locked again; any other cannot be while it is.
    const bool handed_down =
        is_named(kHandedDown, lock_path(ledger)) && flock(kHandedDown, LOCK_EX | LOCK_NB) == 0;
    if (!handed_down) return try_take(ledger);
    fcntl(kHandedDown, F_SETFD, FD_CLOEXEC);
    return WorkerLock{UniqueFd{kHandedDown}};
}

}  // namespace atlasjob
