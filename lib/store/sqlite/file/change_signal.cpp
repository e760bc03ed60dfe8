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
        // Nobody watches a file that was unlinked.
        if (fd_ && (::fstat(fd_.get(), &status) != 0 || status.st_nlink == 0)) fd_.reset();
        if (fd_) return;
        fd_ = open_sibling(ledger_, path_);
        // Only the owner may set this; for others, reading updates the file's times once a day.
        ::fcntl(fd_.get(), F_SETFL, O_NOATIME);
    } catch (const Error&) {
        fd_.reset();
    }
}

void ChangeSignal::notify() noexcept {
    create();
    char byte = 0;
    // Writing notifies, too, but dirties the file, which slows down the next commit's sync. Only
    // needed while the file is empty.
    if (fd_ && ::pread(fd_.get(), &byte, 1, 0) != 1)
        static_cast<void>(::pwrite(fd_.get(), "\n", 1, 0));
}

ChangeSignalWatch::ChangeSignalWatch(std::string ledger) : path_(std::move(ledger) + ".bell") {
    if (open()) arm();
}

bool ChangeSignalWatch::open() {
    if (!inotify_) inotify_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    return inotify_.valid();
}

/// Watches the current file. Returns true if it is not the file watched before: a notification may
/// have been missed.
bool ChangeSignalWatch::arm() {
    const int before = watch_;
    // Adding an existing watch changes nothing and returns it.
    watch_ = ::inotify_add_watch(
        inotify_.get(), path_.c_str(), IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_DONT_FOLLOW);
    if (watch_ == before) return false;
    if (before >= 0) ::inotify_rm_watch(inotify_.get(), before);
    return true;
}

bool ChangeSignalWatch::drain() {
    std::array<char, 4096> events{};
    bool notified = false;
    while (::read(inotify_.get(), events.data(), events.size()) > 0)
        notified = true;
    return notified;
}

bool ChangeSignalWatch::wait(milliseconds timeout) {
    if (!open()) {
        ::poll(nullptr, 0, static_cast<int>(timeout.count()));
        return false;
    }
    if (arm()) {
        drain();
        return true;
    }
    pollfd watched{inotify_.get(), POLLIN, 0};
    const bool readable = ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
    const bool notified = readable && drain();
    arm();
    return notified;
}

}  // namespace atlasjob::sqlite
