#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob {

/// A file whose name anybody can guess may have been put there by somebody else. These tell from a
/// file's status whose it is and who may write it. All of them are thread-safe and change nothing.

/// Whose files belong together: the owner of the main one, and how that one may be reached.
struct FileOwner {
    uid_t uid = 0;
    gid_t gid = 0;
    mode_t mode = 0600;  ///< Of the main file: what is made beside it gets its rw bits.

    static FileOwner of(const struct stat& main) {
        return {main.st_uid, main.st_gid, main.st_mode & 07777U};
    }
};

/// What is wrong with a file, and what fixes it.
struct FileFault {
    std::string path;
    std::string what;  ///< What follows the path: "is a symbolic link".
    std::string fix;

    std::string text() const { return path + " " + what; }
};

/// "nobody, uid 65534", or "uid 12345" for one that /etc/passwd does not have.
std::string account_text(uid_t uid);

/// Whether others than its owner may write what has this status. A group counts as others unless it
/// is the owner's own: of the same number or name, with nobody else in it. (With an access control
/// list the group bits are its mask, so what it allows counts, too.)
bool others_may_write(const struct stat& status);

/// Whether an account that may own a file beside the main one owns this: root, the main file's
/// owner, and where others may write the main file one of these: of its group, or anybody.
bool may_own(const struct stat& status, const FileOwner& owner);

/// What is wrong with a file beside the main one: it must be of that kind (S_IFMT), with one name,
/// of an account that may own it.
std::optional<FileFault> fault_of_file(
    const std::string& path,
    const struct stat& status,
    const FileOwner& owner,
    mode_t kind = S_IFREG);

/// What is wrong with a directory that is to belong to `owner` or root, with nobody else writing
/// it, sticky or not.
std::optional<FileFault> fault_of_directory(
    const std::string& path, const struct stat& status, uid_t owner);

/// What is wrong with the directories above `path`, an absolute path without links: somebody else
/// than `owner` and root could put another file in its place. The nearest one is judged by
/// fault_of_directory; those above it may be sticky (as /tmp is), and may belong to accounts that
/// this user namespace does not know. One system call a directory.
std::optional<FileFault> fault_of_directories(const std::string& path, uid_t owner);

}  // namespace atlasjob
