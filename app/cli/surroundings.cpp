#include "cli/surroundings.h"

#include "base/error.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob::cli {

namespace {

constexpr std::uint64_t kMebibyte = 1024ULL * 1024;
constexpr std::uint64_t kScarceBytes = 16 * kMebibyte;
constexpr std::uint64_t kLowBytes = 256 * kMebibyte;
constexpr mode_t kOthersBits = 077;
constexpr mode_t kOthersWriteBits = 022;

using Level = Finding::Level;

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

Finding unreachable(const std::string& subject, const std::string& path, int error) {
    return {
        Level::problem, subject, fmt::format("{}: {}", path, errno_text(error)),
        "make it reachable for this account", ErrorCode::unavailable};
}

/// What others than the owner may do with a file or directory that only its owner should reach.
Finding check_mode(const std::string& subject, const std::string& path, const char* wanted) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return unreachable(subject, path, errno);
    const mode_t mode = status.st_mode & 07777U;
    if ((mode & kOthersBits) == 0) {
        return {Level::ok, subject, fmt::format("{} is {:04o}: its owner's alone", path, mode), {}};
    }
    return {
        Level::problem, subject,
        fmt::format("{} is {:04o}: other accounts can reach it", path, mode),
        fmt::format("chmod {} {}", wanted, path)};
}

/// In a directory that others can write they can put another file in the ledger's place; that they
/// can look into it does no harm while the files are the owner's alone.
Finding check_directory(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return unreachable("directory", path, errno);
    const mode_t mode = status.st_mode & 07777U;
    const std::string text = fmt::format("{} is {:04o}", path, mode);
    const std::string mend = fmt::format("chmod 0700 {}", path);
    if ((mode & kOthersWriteBits) != 0 && (mode & S_ISVTX) == 0)
        return {Level::problem, "directory", text + ": other accounts can replace files", mend};
    if ((mode & kOthersBits) != 0)
        return {Level::note, "directory", text + ": other accounts can see what is in it", mend};
    return {Level::ok, "directory", text + ": its owner's alone", {}};
}

/// The files beside the ledger hold what it holds, and belong to whom it belongs.
Finding check_siblings(const std::string& ledger) {
    struct stat own {};
    if (stat(ledger.c_str(), &own) != 0) return unreachable("siblings", ledger, errno);
    for (const char* suffix : {"-wal", "-shm", ".gate", ".bell"}) {
        const std::string path = ledger + suffix;
        struct stat status {};
        if (stat(path.c_str(), &status) != 0) continue;
        if (status.st_uid != own.st_uid) {
            return {
                Level::problem, "siblings", path + " belongs to another account than the ledger",
                fmt::format("chown --reference={} {}", ledger, path), ErrorCode::unavailable};
        }
        if ((status.st_mode & kOthersBits & ~own.st_mode) != 0) {
            return {
                Level::problem, "siblings", path + " can be reached by other accounts",
                fmt::format("chmod 0600 {}", path)};
        }
    }
    return {Level::ok, "siblings", "as private as the ledger, and of the same owner", {}};
}

Finding check_writable(const std::string& path) {
    const std::string directory = parent_of(path);
    if (access(path.c_str(), R_OK | W_OK) == 0 && access(directory.c_str(), W_OK | X_OK) == 0) {
        return {Level::ok, "access", "this account can read and write it", {}};
    }
    return {
        Level::problem, "access",
        fmt::format("this account cannot write {} or its directory", path),
        "run as its owner, or give the file and its directory to this account",
        ErrorCode::unavailable};
}

Finding check_disk(const std::string& path) {
    struct statvfs disk {};
    if (statvfs(parent_of(path).c_str(), &disk) != 0) {
        return {Level::note, "disk", "cannot tell how full it is: " + errno_text(errno), {}};
    }
    const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const std::string text = fmt::format("{} MiB free", free_bytes / kMebibyte);
    if (free_bytes < kScarceBytes) {
        return {
            Level::problem, "disk", text, "make room: soon nothing can be recorded",
            ErrorCode::unavailable};
    }
    return free_bytes < kLowBytes ? Finding{Level::note, "disk", text, "make room"}
                                  : Finding{Level::ok, "disk", text, {}};
}

Finding check_logs(const std::string& root) {
    struct stat status {};
    if (stat(root.c_str(), &status) != 0) {
        if (errno == ENOENT) return {Level::ok, "output", "no job has left any output yet", {}};
        return {
            Level::problem, "output", fmt::format("{}: {}", root, errno_text(errno)),
            "make it reachable"};
    }
    if (!S_ISDIR(status.st_mode)) {
        return {
            Level::problem, "output", root + " is not a directory",
            "move it away: the jobs' output belongs there"};
    }
    if (access(root.c_str(), R_OK | W_OK | X_OK) != 0) {
        return {
            Level::problem, "output", "this account cannot write " + root,
            "give the directory to this account"};
    }
    return check_mode("output", root, "0700");
}

}  // namespace

std::vector<Finding> check_surroundings(const LedgerLocation& location) {
    return {
        check_directory(parent_of(location.path)),
        check_mode("file", location.path, "0600"),
        check_siblings(location.path),
        check_writable(location.path),
        check_disk(location.path),
        check_logs(location.logs_root)};
}

}  // namespace atlasjob::cli
