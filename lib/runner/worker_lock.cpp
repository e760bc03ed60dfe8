#include "runner/worker_lock.h"

#include "base/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

namespace {

std::string lock_path(const std::string& ledger) {
    return ledger + ".worker";
}

/// Whether `fd` is open on the file that `path` names: a lock on a file that was removed excludes
/// nobody.
bool is_named(int fd, const std::string& path) {
    struct stat open {};
    struct stat named {};
    return fstat(fd, &open) == 0 && stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev
           && open.st_ino == named.st_ino;
}

/// What root makes belongs to the ledger's owner, who must be able to go on using it.
void give_to_owner_of(const std::string& ledger, int fd) {
    struct stat owner {};
    if (geteuid() != 0 || stat(ledger.c_str(), &owner) != 0) return;
    if (fchown(fd, owner.st_uid, owner.st_gid) != 0) return;
}

}  // namespace

std::optional<WorkerLock> WorkerLock::try_take(const std::string& ledger) {
    const std::string path = lock_path(ledger);
    for (;;) {
        UniqueFd fd = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
        if (!fd) {
            throw Error(
                ErrorCode::unavailable, fmt::format("cannot open {}: {}", path, errno_text(errno)),
                "make the ledger's directory writable");
        }
        give_to_owner_of(ledger, fd.get());
        if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return {};
        if (is_named(fd.get(), path)) return WorkerLock{std::move(fd)};
    }
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
