#include "base/owned_file.h"

#include "base/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

namespace {

/// Somebody who makes and removes the file all the while does not keep us for ever.
constexpr int kMostTries = 16;

Error cannot(const char* what, const std::string& path, int error) {
    return {
        ErrorCode::unavailable, fmt::format("cannot {} {}: {}", what, path, errno_text(error)),
        "check its owner and permissions, and those of its directory"};
}

void require_owned(const FilePlace& place, const struct stat& status, const FileOwner& owner) {
    if (const auto fault = fault_of_file(place.path, status, owner)) refuse_file(*fault);
}

UniqueFd open_at(const FilePlace& place, int flags, mode_t mode = 0) {
    return UniqueFd{::openat(
        place.directory, place.name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode)};
}

/// What is there says more than why it could not be opened.
[[noreturn]] void refuse_unopened(const FilePlace& place, const FileOwner& owner, int error) {
    struct stat status {};
    if (::fstatat(place.directory, place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
        require_owned(place, status, owner);
    throw cannot("open", place.path, error);
}

/// False: the owner could not use it.
bool give(int fd, const FileOwner& owner) {
    ::fchmod(fd, owner.mode & 0666U);
    if (::geteuid() == 0) return ::fchown(fd, owner.uid, owner.gid) == 0;
    if (::geteuid() == owner.uid) return true;
    // Nobody else may give files away, but to a group he is in.
    struct stat status {};
    static_cast<void>(::fchown(fd, -1, owner.gid));
    return ::fstat(fd, &status) == 0 && may_own(status, owner);
}

void hand_over(int fd, const FilePlace& place, const FileOwner& owner) {
    if (give(fd, owner)) return;
    ::unlinkat(place.directory, place.name.c_str(), 0);
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "cannot create {} for another account ({})", place.path, account_text(owner.uid)),
        "let that account use the ledger first");
}

}  // namespace

void refuse_file(const FileFault& fault) {
    throw Error(ErrorCode::unavailable, fault.text(), fault.fix);
}

UniqueFd open_owned_file(const FilePlace& place, int flags, const FileOwner& owner) {
    UniqueFd fd = open_at(place, flags);
    if (!fd && errno == ENOENT) return fd;
    if (!fd) refuse_unopened(place, owner, errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) throw cannot("use", place.path, errno);
    require_owned(place, status, owner);
    return fd;
}

UniqueFd open_or_make_owned_file(const FilePlace& place, int flags, const FileOwner& owner) {
    for (int tries = 0; tries < kMostTries; ++tries) {
        if (UniqueFd fd = open_owned_file(place, flags, owner)) return fd;
        if (UniqueFd fd = open_at(place, flags | O_CREAT | O_EXCL, 0600)) {
            hand_over(fd.get(), place, owner);
            return fd;
        }
        if (errno != EEXIST) throw cannot("create", place.path, errno);
    }
    throw Error(
        ErrorCode::unavailable,
        fmt::format("{} is created and removed by somebody all the while", place.path),
        "end whatever does that");
}

UniqueFd open_sibling(const std::string& main, const std::string& sibling) {
    struct stat status {};
    FileOwner owner{::geteuid(), ::getegid()};
    if (::stat(main.c_str(), &status) == 0) owner = FileOwner::of(status);
    return open_or_make_owned_file({AT_FDCWD, sibling, sibling}, O_RDWR, owner);
}

bool is_named(int fd, const std::string& path) {
    struct stat open {};
    struct stat named {};
    return ::fstat(fd, &open) == 0 && ::lstat(path.c_str(), &named) == 0
           && open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace atlasjob
