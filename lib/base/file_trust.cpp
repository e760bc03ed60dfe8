#include "base/file_trust.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace atlasjob {

namespace {

/// The uid that the kernel shows for accounts that are not mapped into the user namespace.
constexpr uid_t kOverflowUid = 65534;

/// The fields of the line of /etc/passwd or /etc/group whose third field is `number`.
std::vector<std::string> line_of(const char* file, unsigned number) {
    const std::string content = read_file(file).value_or("");
    const std::string id = std::to_string(number);
    for (const std::string_view line : split(content, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() > 3 && fields[2] == id && !fields[0].empty())
            return {fields.begin(), fields.end()};
    }
    return {};
}

/// Whether `group` is the private group of `owner`. A group that is not in /etc/group (one of a
/// directory service) is judged by its number.
bool is_private_group(gid_t group, uid_t owner) {
    const auto account = line_of("/etc/passwd", owner);
    const auto fields = line_of("/etc/group", group);
    if (fields.empty()) return group == owner;
    const std::string name = account.empty() ? "" : account.front();
    if (group != owner && fields.front() != name) return false;
    return std::ranges::all_of(split(fields.back(), ','), [&](std::string_view member) {
        return member.empty() || member == name;
    });
}

/// Whether `uid` stands for an account that is not mapped into this user namespace, rather than for
/// the account with that number.
bool is_unmapped(uid_t uid) {
    if (uid != kOverflowUid) return false;
    const std::string map = read_file("/proc/self/uid_map").value_or("");
    for (const std::string_view line : split(map, '\n')) {
        std::vector<std::uint64_t> numbers;
        for (const std::string_view field : split(line, ' '))
            if (const auto number = parse_integer<std::uint64_t>(field)) numbers.push_back(*number);
        if (numbers.size() == 3 && uid >= numbers[0] && uid - numbers[0] < numbers[2]) return false;
    }
    return !map.empty();
}

const char* kind_of(mode_t mode) {
    if (S_ISLNK(mode)) return "is a symbolic link";
    if (S_ISDIR(mode)) return "is a directory";
    if (S_ISFIFO(mode)) return "is a FIFO";
    if (S_ISSOCK(mode)) return "is a socket";
    return S_ISREG(mode) ? "is a regular file" : "is a device";
}

std::string belongs_to(uid_t uid) {
    return fmt::format("belongs to another account ({})", account_text(uid));
}

FileFault writable(const std::string& directory) {
    return {directory, "can be written by others", "chmod go-w " + directory};
}

/// Checks a directory above the nearest one: its owner can replace what is below, and so can
/// anybody who may write it unless it is sticky.
std::optional<FileFault> fault_of_ancestor(
    const std::string& path, const struct stat& status, uid_t owner) {
    if (status.st_uid != 0 && status.st_uid != owner && !is_unmapped(status.st_uid)) {
        return FileFault{path, belongs_to(status.st_uid), "move it below a directory of your own"};
    }
    if ((status.st_mode & S_ISVTX) != 0 || !others_may_write(status)) return {};
    return writable(path);
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::optional<std::string> local_account_name(uid_t uid) {
    const auto account = line_of("/etc/passwd", uid);
    return account.empty() ? std::nullopt : std::optional{account.front()};
}

std::string account_text(uid_t uid) {
    const auto name = local_account_name(uid);
    return name ? fmt::format("{}, uid {}", *name, uid) : fmt::format("uid {}", uid);
}

bool others_may_write(const struct stat& status) {
    if ((status.st_mode & S_IWOTH) != 0) return true;
    return (status.st_mode & S_IWGRP) != 0 && !is_private_group(status.st_gid, status.st_uid);
}

bool may_own(const struct stat& status, const FileOwner& owner) {
    if (status.st_uid == 0 || status.st_uid == owner.uid) return true;
    if ((owner.mode & S_IWOTH) != 0) return true;
    return (owner.mode & S_IWGRP) != 0 && status.st_gid == owner.gid;
}

std::optional<FileFault> fault_of_file(
    const std::string& path, const struct stat& status, const FileOwner& owner, mode_t kind) {
    if ((status.st_mode & S_IFMT) != kind)
        return FileFault{path, kind_of(status.st_mode), "remove it"};
    if (status.st_nlink > 1) {
        return FileFault{
            path, fmt::format("has {} names (hard links)", status.st_nlink), "remove it"};
    }
    if (may_own(status, owner)) return {};
    return FileFault{
        path, belongs_to(status.st_uid),
        fmt::format(
            "if you trust that account, run chown {}:{} {}; otherwise remove it", owner.uid,
            owner.gid, path)};
}

std::optional<FileFault> fault_of_directory(
    const std::string& path, const struct stat& status, uid_t owner) {
    if (!S_ISDIR(status.st_mode)) {
        const char* what = S_ISLNK(status.st_mode) ? kind_of(status.st_mode) : "is not a directory";
        return FileFault{path, what, "move it away; a directory is expected here"};
    }
    if (status.st_uid != 0 && status.st_uid != owner) {
        return FileFault{
            path, belongs_to(status.st_uid),
            fmt::format(
                "if you trust that account, run chown {} {}; otherwise use another directory",
                owner, path)};
    }
    if (others_may_write(status)) return writable(path);
    return {};
}

std::optional<FileFault> fault_of_access(const std::string& path, const struct stat& status) {
    const mode_t mode = status.st_mode & 07777U;
    if ((mode & (S_IRWXG | S_IRWXO)) == 0) return {};
    return FileFault{
        path, fmt::format("is {:04o}: accessible to other accounts", mode),
        fmt::format("chmod {} {}", S_ISDIR(status.st_mode) ? "0700" : "0600", path)};
}

std::string private_text(const std::string& path, const struct stat& status) {
    return fmt::format("{} is {:04o}: accessible to its owner only", path, status.st_mode & 07777U);
}

std::optional<FileFault> fault_of_directories(const std::string& path, uid_t owner) {
    std::string directory = parent_of(path);
    for (bool nearest = true;; nearest = false) {
        struct stat status {};
        if (::lstat(directory.c_str(), &status) != 0) {
            return FileFault{
                directory, "is not accessible: " + errno_text(errno), "make it accessible"};
        }
        auto fault = nearest ? fault_of_directory(directory, status, owner)
                             : fault_of_ancestor(directory, status, owner);
        if (fault || directory == "/") return fault;
        directory = parent_of(directory);
    }
}

}  // namespace atlasjob
