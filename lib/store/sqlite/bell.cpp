#include "store/sqlite/bell.h"

#include "base/error.h"
#include "store/sqlite/ledger_file.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace atlasjob::sqlite {

Bell::Bell(std::string ledger) : ledger_(std::move(ledger)), path_(ledger_ + ".bell") {}

void Bell::hang() noexcept {
    try {
        struct stat status {};
        // An unlinked bell would ring unheard.
        if (fd_ && (::fstat(fd_.get(), &status) != 0 || status.st_nlink == 0)) fd_.reset();
        if (!fd_) fd_ = open_sibling(ledger_, path_);
    } catch (const Error&) {
        fd_.reset();
    }
}

void Bell::ring() noexcept {
    hang();
    if (fd_) ::futimens(fd_.get(), nullptr);
}

BellWatch::BellWatch(std::string ledger)
    : path_(std::move(ledger) + ".bell"), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (!inotify_) {
        throw Error(
            ErrorCode::unavailable, "cannot watch the ledger: " + errno_text(errno),
            "raise fs.inotify.max_user_instances");
    }
    arm();
}

/// Watches the file that is the bell now. True when it is another than before: it may have rung
/// unheard.
bool BellWatch::arm() {
    const int before = watch_;
    // Adding a watch that is there changes nothing and returns it.
    watch_ = ::inotify_add_watch(inotify_.get(), path_.c_str(), IN_ATTRIB | IN_MODIFY);
    if (watch_ == before) return false;
    if (before >= 0) ::inotify_rm_watch(inotify_.get(), before);
    return true;
}

bool BellWatch::swallow() {
    std::array<char, 4096> events{};
    bool rung = false;
    while (::read(inotify_.get(), events.data(), events.size()) > 0)
        rung = true;
    return rung;
}

bool BellWatch::wait(milliseconds timeout) {
    if (arm()) {
        swallow();
        return true;
    }
    pollfd watched{inotify_.get(), POLLIN, 0};
    const bool readable = ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
    const bool rung = readable && swallow();
    arm();
    return rung;
}

}  // namespace atlasjob::sqlite
