#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob {

// A file with a predictable name may have been planted by another account. These functions tell
// from a file's status who owns it and who may write it. All are thread-safe and change nothing.

/// The owner and mode of a main file, which the files beside it share.
struct FileOwner {
    uid_t uid = 0;
    gid_t gid = 0;
    mode_t mode = 0600;  ///< Mode of the main file; files created beside it get its rw bits.

    [[nodiscard]] static FileOwner of(const struct stat& main) {
        return {main.st_uid, main.st_gid, main.st_mode & 07777U};
    }
};

/// What is wrong with a file, and how to fix it.
struct FileFault {
    std::string path;
    std::string what;  ///< Predicate to the path: "is a symbolic link".
    std::string fix;

    std::string text() const { return path + " " + what; }
};

/// The name of an account in /etc/passwd; nullopt if that has none, as for accounts of a directory
/// service.
std::optional<std::string> local_account_name(uid_t uid);

/// "nobody, uid 65534", or "uid 12345" for an account that is not in /etc/passwd.
[[nodiscard]] std::string account_text(uid_t uid);

/// Whether accounts other than the owner may write the file. A writable group counts unless it is
/// the owner's private group: same number or name as the owner, and no other members. (With an
/// access control list the group bits are its mask, so its entries count, too.)
[[nodiscard]] bool others_may_write(const struct stat& status);

/// Whether the file's owner may own a file beside the main one: root and the main file's owner may;
/// so may anybody if the main file is world-writable, and any account whose file has the main
/// file's group if it is group-writable.
[[nodiscard]] bool may_own(const struct stat& status, const FileOwner& owner);

/// What is wrong with a file beside the main one: it must be of type `kind` (S_IFMT), have exactly
/// one hard link, and belong to an account that may own it.
[[nodiscard]] std::optional<FileFault> fault_of_file(
    const std::string& path,
    const struct stat& status,
    const FileOwner& owner,
    mode_t kind = S_IFREG);

/// What is wrong with a directory: it must belong to `owner` or root and not be writable by others,
/// even if it is sticky.
[[nodiscard]] std::optional<FileFault> fault_of_directory(
    const std::string& path, const struct stat& status, uid_t owner);

/// What is wrong with a file or directory that only its owner should have access to.
std::optional<FileFault> fault_of_access(const std::string& path, const struct stat& status);

/// "/path is 0700: accessible to its owner only", for one without that fault.
std::string private_text(const std::string& path, const struct stat& status);

/// What is wrong with the directories above `path`, an absolute path without symbolic links: no
/// account but `owner` and root may be able to replace the file. The parent must pass
/// fault_of_directory; the directories above it may be sticky (as /tmp is) and may belong to
/// accounts unknown to this user namespace. Makes one system call per directory.
[[nodiscard]] std::optional<FileFault> fault_of_directories(const std::string& path, uid_t owner);

}  // namespace atlasjob
