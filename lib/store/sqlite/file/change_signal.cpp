#include "store/sqlite/file/change_signal.h"

#include "base/error.h"
#include "base/owned_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace atlasjob::sqlite {

ChangeSignal::ChangeSignal(std::string ledger)
    : ledger_(std::move(ledger)), path_(ledger_ + ".bell") {}

void ChangeSignal::create() noexcept {
    try {
        struct stat status {};
        // An unlinked bell would ring unheard.
        if (fd_ && (::fstat(fd_.get(), &status) != 0 || status.st_nlink == 0)) fd_.reset();
        if (fd_) return;
        fd_ = open_sibling(ledger_, path_);
        // Only the owner may; others change the file's times once a day.
        ::fcntl(fd_.get(), F_SETFL, O_NOATIME);
    } catch (const Error&) {
        fd_.reset();
    }
}

void ChangeSignal::ring() noexcept {
    create();
    char byte = 0;
    // Writing tells it too, but dirties the file: the next commit's sync would pay for that. It is
    // for a bell that has nothing in it yet.
    if (fd_ && ::pread(fd_.get(), &byte, 1, 0) != 1)
        static_cast<void>(::pwrite(fd_.get(), "\n", 1, 0));
}

ChangeSignalWatch::ChangeSignalWatch(std::string ledger)
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
bool ChangeSignalWatch::arm() {
    const int before = watch_;
    // Adding a watch that is there changes nothing and returns it.
    watch_ = ::inotify_add_watch(
        inotify_.get(), path_.c_str(), IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_DONT_FOLLOW);
    if (watch_ == before) return false;
    if (before >= 0) ::inotify_rm_watch(inotify_.get(), before);
    return true;
}

bool ChangeSignalWatch::drain() {
    std::array<char, 4096> events{};
    bool rung = false;
    while (::read(inotify_.get(), events.data(), events.size()) > 0)
        rung = true;
    return rung;
}

bool ChangeSignalWatch::wait(milliseconds timeout) {
    if (arm()) {
        drain();
        return true;
    }
    pollfd watched{inotify_.get(), POLLIN, 0};
    const bool readable = ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
    const bool rung = readable && drain();
    arm();
    return rung;
}

}  // namespace atlasjob::sqlite
