#include "store/sqlite/file/file_checks.h"

#include "base/error.h"
#include "base/file_trust.h"
#include "store/open.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob::sqlite {

namespace {

constexpr std::uint64_t kMebibyte = 1024ULL * 1024;
constexpr std::uint64_t kScarceBytes = 16 * kMebibyte;
constexpr std::uint64_t kScarceFiles = 100;
constexpr std::uint64_t kLowBytes = 256 * kMebibyte;
constexpr mode_t kOthersBits = 077;

using Level = Finding::Level;

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

Finding unreachable(const std::string& subject, const std::string& path, int error) {
    return {
        Level::problem, subject, fmt::format("{}: {}", path, errno_text(error)),
        "make it accessible to this account", ErrorCode::unavailable};
}

Finding problem(
    const std::string& subject,
    const FileFault& fault,
    std::string_view consequence = {},
    std::optional<ErrorCode> code = {}) {
    return {Level::problem, subject, fault.text().append(consequence), fault.fix, code};
}

Finding check_mode(const std::string& ledger) {
    struct stat status {};
    if (stat(ledger.c_str(), &status) != 0) return unreachable("file", ledger, errno);
    if (const auto fault = fault_of_access(ledger, status)) return problem("file", *fault);
    return {Level::ok, "file", private_text(ledger, status), {}};
}

/// Jobs run only from a ledger of the same account.
Finding check_owner(const std::string& ledger) {
    struct stat status {};
    if (stat(ledger.c_str(), &status) != 0) return unreachable("owner", ledger, errno);
    if (status.st_uid == geteuid()) return {Level::ok, "owner", "this account", {}};
    return {
        Level::problem, "owner",
        fmt::format(
            "{} belongs to another account ({}), so this account runs none of its commands", ledger,
            account_text(status.st_uid)),
        "run as that account, or use a ledger of your own (--ledger PATH)"};
}

/// In a directory that others can write to, they could replace the ledger's files or create them
/// first. Read access to the directory is harmless as long as the files are private.
Finding check_directory(const std::string& ledger) {
    const std::string path = parent_of(ledger);
    struct stat own {};
    struct stat status {};
    if (stat(ledger.c_str(), &own) != 0) return unreachable("directory", ledger, errno);
    if (stat(path.c_str(), &status) != 0) return unreachable("directory", path, errno);
    if (const auto fault = fault_of_directories(ledger, own.st_uid))
        return problem("directory", *fault, ": other accounts could replace the ledger's files");
    const mode_t mode = status.st_mode & 07777U;
    const std::string text = fmt::format("{} is {:04o}", path, mode);
    if ((mode & kOthersBits) == 0)
        return {Level::ok, "directory", text + ": accessible to its owner only", {}};
    return {
        Level::note, "directory", text + ": other accounts can list its contents",
        fmt::format("chmod 0700 {}", path)};
}

/// A sibling of the ledger must have its owner and be no more accessible. nullopt if so, or if it
/// does not exist.
std::optional<Finding> check_sibling(const std::string& path, const struct stat& own) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return {};
    if (const auto fault = fault_of_file(path, status, FileOwner::of(own)))
        return problem(
            "siblings", *fault, ": the ledger cannot be used until this is fixed",
            ErrorCode::unavailable);
    if (status.st_uid != own.st_uid) {
        return Finding{
            Level::problem, "siblings", path + " does not belong to the ledger's owner",
            fmt::format("chown {}:{} {}", own.st_uid, own.st_gid, path), ErrorCode::unavailable};
    }
    if ((status.st_mode & kOthersBits & ~own.st_mode) != 0) {
        return Finding{
            Level::problem, "siblings", path + " is accessible to other accounts",
            fmt::format("chmod 0600 {}", path)};
    }
    return {};
}

Finding check_siblings(const std::string& ledger) {
    struct stat own {};
    if (stat(ledger.c_str(), &own) != 0) return unreachable("siblings", ledger, errno);
    for (const char* suffix : kSiblings)
        if (auto finding = check_sibling(ledger + suffix, own)) return *finding;
    return {Level::ok, "siblings", "same owner as the ledger, and not more accessible", {}};
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
        return {Level::note, "disk", "cannot determine the free space: " + errno_text(errno), {}};
    }
    const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const std::string text = fmt::format("{} MiB free", free_bytes / kMebibyte);
    const auto full = free_bytes == 0 || (disk.f_files > 0 && disk.f_favail == 0)
                          ? std::optional{ErrorCode::unavailable}
                          : std::nullopt;
    // Some filesystems (btrfs) have no fixed number of files, and report 0.
    if (disk.f_files > 0 && disk.f_favail < kScarceFiles) {
        return {
            Level::problem, "disk", fmt::format("{}, room for {} files", text, disk.f_favail),
            "remove some files, or nothing can be recorded soon", full};
    }
    if (free_bytes < kScarceBytes) {
        return {
            Level::problem, "disk", text, "free some space, or nothing can be recorded soon", full};
    }
    return free_bytes < kLowBytes ? Finding{Level::note, "disk", text, "free some space"}
                                  : Finding{Level::ok, "disk", text, {}};
}

}  // namespace

std::vector<Finding> check_files(const std::string& ledger) {
    return {check_owner(ledger),    check_directory(ledger), check_mode(ledger),
            check_siblings(ledger), check_writable(ledger),  check_disk(ledger)};
}

}  // namespace atlasjob::sqlite
