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

using Level = Finding::Level;

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// What others than the owner may do with a file or directory that only its owner should reach.
Finding check_mode(const std::string& subject, const std::string& path, const char* wanted) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        const std::string why = errno_text(errno);
        return {Level::problem, subject, fmt::format("{}: {}", path, why), "make it reachable"};
    }
    const mode_t mode = status.st_mode & 07777U;
    if ((mode & kOthersBits) == 0) {
        return {Level::ok, subject, fmt::format("{} is {:04o}: its owner's alone", path, mode), {}};
    }
    return {
        Level::note, subject, fmt::format("{} is {:04o}: other accounts can reach it", path, mode),
        fmt::format("chmod {} {}", wanted, path)};
}

Finding check_writable(const std::string& path) {
    const std::string directory = parent_of(path);
    if (access(path.c_str(), R_OK | W_OK) == 0 && access(directory.c_str(), W_OK | X_OK) == 0) {
        return {Level::ok, "access", "this account can read and write it", {}};
    }
    return {
        Level::problem, "access",
        fmt::format("this account cannot write {} or its directory", path),
        "run as its owner, or give the file and its directory to this account"};
}

Finding check_disk(const std::string& path) {
    struct statvfs disk {};
    if (statvfs(parent_of(path).c_str(), &disk) != 0) {
        return {Level::note, "disk", "cannot tell how full it is: " + errno_text(errno), {}};
    }
    const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const std::string text = fmt::format("{} MiB free", free_bytes / kMebibyte);
    if (free_bytes < kScarceBytes) {
        return {Level::problem, "disk", text, "make room: soon nothing can be recorded"};
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
        check_mode("directory", parent_of(location.path), "0700"),
        check_mode("file", location.path, "0600"), check_writable(location.path),
        check_disk(location.path), check_logs(location.logs_root)};
}

}  // namespace atlasjob::cli
