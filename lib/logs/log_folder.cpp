#include "logs/log_folder.h"

#include "base/file_identity.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace atlasjob {

namespace {

constexpr std::string_view kSuffix = ".logs";

}  // namespace

FileOwner ledger_owner(std::string_view logs_root) {
    FileOwner owner{geteuid(), getegid()};
    struct stat status {};
    if (!logs_root.ends_with(kSuffix)) return owner;
    const std::string ledger{logs_root.substr(0, logs_root.size() - kSuffix.size())};
    if (stat(ledger.c_str(), &status) == 0) owner = {status.st_uid, status.st_gid};
    return owner;
}

PathParts split_path(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return {".", path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

std::optional<LogFolder> LogFolder::find_root(const std::string& logs_root) {
    const FileOwner owner = ledger_owner(logs_root);
    UniqueFd fd = open_owned_directory({AT_FDCWD, logs_root, logs_root}, owner);
    if (!fd) return {};
    return LogFolder{std::move(fd), logs_root, owner};
}

LogFolder LogFolder::make_root(const std::string& logs_root) {
    const FileOwner owner = ledger_owner(logs_root);
    UniqueFd fd = open_or_make_owned_directory({AT_FDCWD, logs_root, logs_root}, owner);
    return {std::move(fd), logs_root, owner};
}

std::optional<LogFolder> LogFolder::find(const std::string& path) {
    const PathParts parts = split_path(path);
    const auto root = find_root(parts.directory);
    if (!root) return {};
    UniqueFd fd = open_owned_directory({root->fd(), parts.name, path}, root->owner());
    if (!fd) return {};
    return LogFolder{std::move(fd), path, root->owner()};
}

LogFolder LogFolder::make(const std::string& path) {
    const PathParts parts = split_path(path);
    const LogFolder root = make_root(parts.directory);
    UniqueFd fd = open_or_make_owned_directory({root.fd(), parts.name, path}, root.owner());
    return {std::move(fd), path, root.owner()};
}

FilePlace LogFolder::place(const std::string& name) const {
    return {fd_.get(), name, path_ + '/' + name};
}

std::optional<struct stat> LogFolder::status_of(const std::string& name, mode_t kind) const {
    struct stat status {};
    const bool trusted = fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0
                         && !fault_of_file(name, status, owner_, kind);
    return trusted ? std::optional{status} : std::nullopt;
}

UniqueFd LogFolder::open(const std::string& name, int flags, mode_t kind) const {
    UniqueFd fd{openat(fd_.get(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat status {};
    if (!fd || (fstat(fd.get(), &status) == 0 && !fault_of_file(name, status, owner_, kind)))
        return fd;
    errno = ENOENT;
    return {};
}

bool LogFolder::remove(const std::string& name) const {
    return unlinkat(fd_.get(), name.c_str(), 0) == 0;
}

bool LogFolder::rename(const std::string& from, const std::string& to) const {
    return renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) == 0;
}

const std::string& LogRoot::path() {
    if (!fd_) fd_ = open_file(path_, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (fd_ && !is_named(fd_.get(), path_)) follow();
    return path_;
}

bool LogRoot::is_gone() {
    path();
    return fd_ && !is_named(fd_.get(), path_);
}

void LogRoot::follow() {
    std::error_code error;
    const auto current =
        std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd_.get()), error);
    // The link of a removed directory points to a path that does not exist.
    if (!error && is_named(fd_.get(), current)) path_ = current;
}

}  // namespace atlasjob
