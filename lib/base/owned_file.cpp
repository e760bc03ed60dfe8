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

/// Stops the retries if another program keeps creating and removing the file.
constexpr int kMaxTries = 16;
constexpr auto kSameAccount = static_cast<uid_t>(-1);  ///< For chown(2).

Error file_error(const char* verb, const std::string& path, int error) {
    return {
        ErrorCode::unavailable, fmt::format("cannot {} {}: {}", verb, path, errno_text(error)),
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

/// Prefers the fault of the existing file to the errno of the failed open: it explains more.
[[noreturn]] void refuse_unopened(const FilePlace& place, const FileOwner& owner, int error) {
    struct stat status {};
    if (::fstatat(place.directory, place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
        require_owned(place, status, owner);
    throw file_error("open", place.path, error);
}

/// Gives a new file the owner's mode, uid and gid. Returns false if the owner could not use it.
bool set_owner(int fd, const FileOwner& owner) {
    ::fchmod(fd, owner.mode & 0666U);
    return give_to(owner, fd);
}

/// Gives a directory that root has just created to the owner. Does nothing unless it can only be
/// that directory (root's, mode 0700, empty): the owner of the parent could have put another one in
/// its place, and would come to own its content.
void set_owner_of_new_directory(int fd, const FileOwner& owner) {
    static constexpr std::size_t kEmpty = 2;  // "." and ".."
    struct stat status {};
    const bool is_new = ::geteuid() == 0 && ::fstat(fd, &status) == 0 && status.st_uid == 0
                        && (status.st_mode & 07777U) == 0700 && names_in(fd).size() == kEmpty;
    if (is_new) give_to(owner, fd);
}

void set_owner_or_remove(int fd, const FilePlace& place, const FileOwner& owner) {
    if (set_owner(fd, owner)) return;
    ::unlinkat(place.directory, place.name.c_str(), 0);
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "cannot create {} for another account ({})", place.path, account_text(owner.uid)),
        "let that account create it first");
}

}  // namespace

void refuse_file(const FileFault& fault) {
    throw Error(ErrorCode::unavailable, fault.text(), fault.fix);
}

void refuse_replaced(const std::string& path) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("{} is removed or replaced each time it is opened", path),
        "find the program that does this and stop it");
}

bool give_to(const FileOwner& owner, int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return false;
    if (::geteuid() == 0) return status.st_uid == 0 && ::fchown(fd, owner.uid, owner.gid) == 0;
    if (::geteuid() == owner.uid) return true;
    static_cast<void>(::fchown(fd, kSameAccount, owner.gid));
    return ::fstat(fd, &status) == 0 && may_own(status, owner);
}

UniqueFd open_owned_file(const FilePlace& place, int flags, const FileOwner& owner) {
    UniqueFd fd = open_at(place, flags);
    if (!fd && errno == ENOENT) return fd;
    if (!fd) refuse_unopened(place, owner, errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) throw file_error("use", place.path, errno);
    require_owned(place, status, owner);
    return fd;
}

UniqueFd open_or_make_owned_file(const FilePlace& place, int flags, const FileOwner& owner) {
    for (int tries = 0; tries < kMaxTries; ++tries) {
        if (UniqueFd fd = open_owned_file(place, flags, owner)) return fd;
        if (UniqueFd fd = open_at(place, flags | O_CREAT | O_EXCL, 0600)) {
            set_owner_or_remove(fd.get(), place, owner);
            return fd;
        }
        if (errno != EEXIST) throw file_error("create", place.path, errno);
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
    const bool has_status =
        fd ? ::fstat(fd.get(), &status) == 0
           : ::fstatat(place.directory, place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    const auto fault =
        has_status ? fault_of_directory(place.path, status, owner.uid) : std::nullopt;
    if (fault) refuse_file(*fault);
    if (!fd || !has_status) throw file_error("open", place.path, error);
    return fd;
}

UniqueFd open_or_make_owned_directory(const FilePlace& place, const FileOwner& owner) {
    for (int tries = 0; tries < kMaxTries; ++tries) {
        if (UniqueFd fd = open_owned_directory(place, owner)) return fd;
        if (::mkdirat(place.directory, place.name.c_str(), 0700) == 0) {
            UniqueFd fd = open_at(place, O_RDONLY | O_DIRECTORY);
            if (fd) set_owner_of_new_directory(fd.get(), owner);
        } else if (errno != EEXIST) {
            throw file_error("create", place.path, errno);
        }
    }
    refuse_replaced(place.path);
}

std::vector<std::string> names_in(int directory) {
    std::vector<std::string> names;
    // A new open file description: reading would move the offset that duplicates of `directory`
    // share.
    UniqueFd fd{::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::unique_ptr<DIR, CloseDirectory> stream{fd ? ::fdopendir(fd.get()) : nullptr};
    if (!stream) return names;
    static_cast<void>(fd.release());
    // readdir is safe: only this thread reads the stream.
    while (const dirent* entry = ::readdir(stream.get()))  // NOLINT(concurrency-mt-unsafe)
        names.emplace_back(static_cast<const char*>(entry->d_name));
    return names;
}

}  // namespace atlasjob
