#include "store/sqlite/connection/connection.h"
#include "store/sqlite/connection/errors.h"

#include <sqlite3.h>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <vector>

namespace atlasjob::sqlite {

namespace {

/// For readers, and for writers that do not take the write lock, such as a sqlite3 shell.
constexpr int kBusyTimeoutMs = 5000;

/// The URI of a file that nobody changes (sqlite.org/uri.html): SQLite then takes no locks and
/// needs no shared memory.
std::string immutable_uri(const std::string& path) {
    std::string uri = "file:";
    for (const char c : path) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.';
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri + "?immutable=1";
}

}  // namespace

Connection::Access Connection::access_to(const std::string& path, Mode mode) {
    if (mode != Mode::read) return Access::write;
    if (has_content(path + "-wal") || has_content(path + "-journal")) return Access::read;
    const bool may_write_directory = ::access(directory_of(path).c_str(), W_OK | X_OK) == 0;
    if (!may_write_directory) return Access::immutable;
    return ::access(path.c_str(), W_OK) == 0 ? Access::read_with_cleanup : Access::read;
}

SQLite::Database Connection::open_database(const std::string& path, Access access) {
    const bool writes = access == Access::write || access == Access::read_with_cleanup;
    // The path is canonical, so a symbolic link in it was put there later.
    const int flags = (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX
                      | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
    try {
        if (access == Access::immutable)
            return {immutable_uri(path), flags | SQLITE_OPEN_URI, kBusyTimeoutMs};
        return {path, flags, kBusyTimeoutMs};
    } catch (const SQLite::Exception& failure) {
        throw translated(failure, path, "open");
    }
}

bool Connection::is_outdated() const {
    if (access_ != Access::immutable) return false;
    struct stat now {};
    return ::stat(path_.c_str(), &now) != 0 || now.st_size != opened_.st_size
           || now.st_mtim.tv_sec != opened_.st_mtim.tv_sec
           || now.st_mtim.tv_nsec != opened_.st_mtim.tv_nsec || has_content(path_ + "-wal");
}

void Connection::require_readable() const {
    constexpr sqlite3_int64 kPart = 65'536;
    sqlite3_file* file = nullptr;
    sqlite3_file_control(handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    sqlite3_int64 size = 0;
    if (file == nullptr || file->pMethods == nullptr
        || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return;
    std::vector<char> part(kPart);
    for (sqlite3_int64 at = 0; at < size; at += kPart) {
        const auto bytes = static_cast<int>(std::min(kPart, size - at));
        const int code = file->pMethods->xRead(file, part.data(), bytes, at);
        if (code == SQLITE_OK || code == SQLITE_IOERR_SHORT_READ) continue;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot read the ledger {}: {}", path_, errno_text(errno)),
            "check the disk");
    }
}

bool Connection::removes_siblings() const {
    return access_ == Access::write || access_ == Access::read_with_cleanup;
}

}  // namespace atlasjob::sqlite
