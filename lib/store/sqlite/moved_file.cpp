#include "store/sqlite/moved_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace atlasjob::sqlite {

namespace {

/// A file that this process has open, and what it is called now: what is no path, or the path of a
/// file that was removed, names nothing.
struct OpenFile {
    FileIdentity is;
    std::string path;
};

/// Looks at the descriptors without opening or closing one: closing any descriptor of a ledger
/// drops SQLite's locks on it.
std::vector<OpenFile> open_files() {
    std::vector<OpenFile> files;
    std::error_code failed;
    std::filesystem::directory_iterator entry{"/proc/self/fd", failed};
    for (const std::filesystem::directory_iterator end; entry != end; entry.increment(failed)) {
        std::error_code closed;
        const auto path = std::filesystem::read_symlink(entry->path(), closed);
        const auto identity = file_identity(entry->path());
        if (identity && !closed) files.push_back({*identity, path});
    }
    return files;
}

bool is_open(const std::vector<OpenFile>& files, const std::string& path) {
    const auto identity = file_identity(path);
    return identity && std::ranges::any_of(files, [&](const OpenFile& file) {
               return file.is == *identity;
           });
}

}  // namespace

std::optional<std::string> find_moved_ledger(const FileIdentity& ledger) {
    const std::vector<OpenFile> files = open_files();
    for (const OpenFile& file : files) {
        const bool is_there = file.is == ledger && file_identity(file.path) == ledger;
        if (is_there && is_open(files, file.path + "-wal") && is_open(files, file.path + "-shm"))
            return file.path;
    }
    return {};
}

Error ledger_moved(const std::string& path) {
    return {
        ErrorCode::ledger_moved,
        fmt::format("the ledger {} was moved, removed or replaced while it was open", path),
        "try again, or say with --ledger where it is now"};
}

}  // namespace atlasjob::sqlite
