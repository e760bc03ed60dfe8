#pragma once

#include "base/file.h"
#include "base/file_trust.h"

#include <string>
#include <vector>

namespace atlasjob {

/// Opens and makes files where somebody else may have planted something under their name: nothing
/// is written, read, waited for or given away through that. All of it is thread-safe.

/// `name` in an open directory, or a path with AT_FDCWD. `path` is the whole of it, for people.
struct FilePlace {
    int directory;
    std::string name;
    std::string path;
};

/// Throws Error(unavailable) that says what is wrong and how to fix it.
[[noreturn]] void refuse_file(const FileFault& fault);

/// Throws Error(unavailable): somebody replaces the file again and again.
[[noreturn]] void refuse_replaced(const std::string& path);

/// Opens the file; an invalid descriptor when it is not there. `flags`: access and what else
/// open(2) takes; a link is not followed, a pipe not waited for. Throws Error(unavailable) when it
/// cannot be opened or fault_of_file finds something.
UniqueFd open_owned_file(const FilePlace& place, int flags, const FileOwner& owner);

/// The same, but makes the file when it is not there, with the owner's mode. Only what was made
/// just now is given to the owner, by root.
UniqueFd open_or_make_owned_file(const FilePlace& place, int flags, const FileOwner& owner);

/// Opens or makes a file beside `main` for reading and writing, as the owner of `main` (without
/// one, as this account). Throws Error(unavailable).
UniqueFd open_sibling(const std::string& main, const std::string& sibling);

/// Opens a directory without following a link; an invalid descriptor when it is not there. Throws
/// Error(unavailable) when it cannot be opened or fault_of_directory finds something.
UniqueFd open_owned_directory(const FilePlace& place, const FileOwner& owner);

/// The same, but makes it (0700) when it is not there.
UniqueFd open_or_make_owned_directory(const FilePlace& place, const FileOwner& owner);

/// The names in an open directory, "." and ".." included, in no order.
std::vector<std::string> names_in(int directory);

}  // namespace atlasjob
