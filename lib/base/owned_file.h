#pragma once

#include "base/file.h"
#include "base/file_trust.h"

#include <string>
#include <vector>

namespace atlasjob {

// Opens and creates files whose name another account may have taken first, with a link, a FIFO or a
// file of its own: such a file is refused, never read, written, waited for or given away.
// Everything here is thread-safe.

/// `name` relative to an open directory, or a path with AT_FDCWD. `path` is the full path for
/// messages.
struct FilePlace {
    int directory;
    std::string name;
    std::string path;
};

/// Throws Error(unavailable) with what is wrong and how to fix it.
[[noreturn]] void refuse_file(const FileFault& fault);

/// Throws Error(unavailable): another program keeps replacing the file.
[[noreturn]] void refuse_replaced(const std::string& path);

/// Gives an open file that this process has just created to the owner of the main file. Root gives
/// away only what is still its own; other accounts may only change the group, to one they belong
/// to. Returns false if the owner cannot use the file.
bool give_to(const FileOwner& owner, int fd);

/// Opens a file with open(2)'s `flags`, without following a symbolic link or blocking on a FIFO.
/// Returns an invalid descriptor if it does not exist. Throws Error(unavailable) if it cannot be
/// opened or fault_of_file objects.
UniqueFd open_owned_file(const FilePlace& place, int flags, const FileOwner& owner);

/// As open_owned_file, but creates a missing file with the owner's mode. Running as root, it gives
/// only a file it has just created to the owner.
UniqueFd open_or_make_owned_file(const FilePlace& place, int flags, const FileOwner& owner);

/// Opens or creates a file beside `main` for reading and writing. It belongs to the owner of
/// `main`, or to this process's account if `main` does not exist. Throws Error(unavailable).
UniqueFd open_sibling(const std::string& main, const std::string& sibling);

/// Opens a directory without following a symbolic link. Returns an invalid descriptor if it does
/// not exist. Throws Error(unavailable) if it cannot be opened or fault_of_directory objects.
UniqueFd open_owned_directory(const FilePlace& place, const FileOwner& owner);

/// As open_owned_directory, but creates a missing directory (mode 0700).
UniqueFd open_or_make_owned_directory(const FilePlace& place, const FileOwner& owner);

/// The names in an open directory, including "." and "..", in no particular order.
[[nodiscard]] std::vector<std::string> names_in(int directory);

}  // namespace atlasjob
