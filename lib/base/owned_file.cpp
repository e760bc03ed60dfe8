#include "base/owned_file.h"

#include "base/error.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace atlasjob {

namespace {

/// Somebody who makes and removes the file all the while does not keep us for ever.
constexpr int kMaxTries = 16;
constexpr auto kSameAccount = static_cast<uid_t>(-1);  ///< For chown(2).

Error cannot(const char* what, const std::string& path, int error) {
    return {
        ErrorCode::unavailable, fmt::format("cannot {} {}: {}", what, path, errno_text(error)),
        "check its owner and permissions, and those of its directory"};
}

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

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
    static_cast<void>(::fchown(fd, kSameAccount, owner.gid));
    return ::fstat(fd, &status) == 0 && may_own(status, owner);
}

/// By root, and only what can be nothing but the directory that was made just now: its maker could
/// have put another there meanwhile, and would own what is in that.
void give_new_directory(int fd, const FileOwner& owner) {
    static constexpr std::size_t kEmpty = 2;  // "." and ".."
    struct stat status {};
    const bool is_new = ::geteuid() == 0 && ::fstat(fd, &status) == 0 && status.st_uid == 0
                        && (status.st_mode & 07777U) == 0700 && names_in(fd).size() == kEmpty;
    if (is_new) static_cast<void>(::fchown(fd, owner.uid, owner.gid));
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

void refuse_replaced(const std::string& path) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("{} is removed or replaced each time it is opened", path),
        "find out which program does that, and end it");
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
    for (int tries = 0; tries < kMaxTries; ++tries) {
        if (UniqueFd fd = open_owned_file(place, flags, owner)) return fd;
        if (UniqueFd fd = open_at(place, flags | O_CREAT | O_EXCL, 0600)) {
            hand_over(fd.get(), place, owner);
            return fd;
        }
        if (errno != EEXIST) throw cannot("create", place.path, errno);
    }
    refuse_replaced(place.path);
}

UniqueFd open_sibling(const std::string& main, const std::string& sibling) {
    struct stat status {};
    FileOwner owner{::geteuid(), ::getegid()};
    if (::stat(main.c_str(), &status) == 0) owner = FileOwner::of(status);
    return open_or_make_owned_file({AT_FDCWD, sibling, sibling}, O_RDWR, owner);
}

UniqueFd open_owned_directory(const FilePlace& place, const FileOwner& owner) {
    UniqueFd fd = open_at(place, O_RDONLY | O_DIRECTORY);
    if (!fd && errno == ENOENT) return fd;
    const int error = errno;
    struct stat status {};
    const bool looked_at =
        fd ? ::fstat(fd.get(), &status) == 0
           : ::fstatat(place.directory, place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    const auto fault = looked_at ? fault_of_directory(place.path, status, owner.uid) : std::nullopt;
    if (fault) refuse_file(*fault);
    if (!fd || !looked_at) throw cannot("open", place.path, error);
    return fd;
}

UniqueFd open_or_make_owned_directory(const FilePlace& place, const FileOwner& owner) {
    for (int tries = 0; tries < kMaxTries; ++tries) {
        if (UniqueFd fd = open_owned_directory(place, owner)) return fd;
        if (::mkdirat(place.directory, place.name.c_str(), 0700) == 0) {
            UniqueFd fd = open_at(place, O_RDONLY | O_DIRECTORY);
            if (fd) give_new_directory(fd.get(), owner);
        } else if (errno != EEXIST) {
            throw cannot("create", place.path, errno);
        }
    }
    refuse_replaced(place.path);
}

std::vector<std::string> names_in(int directory) {
    std::vector<std::string> names;
    // Of its own: reading moves the position that all copies of a descriptor share.
    UniqueFd fd{::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::unique_ptr<DIR, CloseDirectory> stream{fd ? ::fdopendir(fd.get()) : nullptr};
    if (!stream) return names;
    static_cast<void>(fd.release());
    // One thread reads this stream, so readdir is safe.
    while (const dirent* entry = ::readdir(stream.get()))  // NOLINT(concurrency-mt-unsafe)
        names.emplace_back(static_cast<const char*>(entry->d_name));
    return names;
}

}  // namespace atlasjob
