#pragma once

#include "base/error.h"
#include "base/file.h"
#include "base/file_identity.h"

#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// What is at a path before this process connects to it.
enum class FileState {
    absent,
    empty,   ///< Zero bytes: a ledger is just being created there, or never was.
    sqlite,  ///< Starts with SQLite's magic. Whether it is a ledger takes a connection to find out.
};

/// Checks the first bytes of the file itself, because a WAL can hide a damaged header. Must not be
/// called while this process has a connection to the file: closing any descriptor of it drops all
/// of SQLite's locks (sqlite.org/howtocorrupt.html, 2.2). Throws not_a_ledger for a directory, a
/// file of another type and an emptied ledger, and unavailable if it cannot be read.
FileState inspect_file(const std::string& path);

/// Whether a file exists and is not empty.
bool has_content(const std::string& path);

/// The directory of a file.
std::string directory_of(const std::string& path);

/// Throws unavailable if the ledger exists but no writer can work there: its directory cannot be
/// written, and has no write lock file yet; or the file itself is read-only.
void refuse_read_only(const std::string& path);

/// Creates the directories above `path` (0700) and the empty file (0600) durably. Succeeds if
/// another process creates it first. Never follows a symbolic link. Throws unavailable, also if
/// other accounts may write the directory.
void create_file(const std::string& path);

/// Throws unavailable if the file's directory is on a filesystem that several machines can mount at
/// the same time (NFS, SMB, most of FUSE, …): SQLite's WAL needs shared memory, and flock may not
/// exclude processes of other machines.
void refuse_shared_filesystem(const std::string& path);

/// The new path of a moved ledger that this process has open. nullopt if its file was removed, or
/// is not beside the write-ahead log and shared memory that this process has open: SQLite finds
/// these by name, so a process that opens the file at its new path would use others. Reads
/// /proc/self/fd; nullopt if that is not readable.
std::optional<std::string> find_moved_ledger(const FileIdentity& ledger);

/// The error for a ledger whose file is no longer at `path`, where it was opened.
Error ledger_moved(const std::string& path);

}  // namespace atlasjob::sqlite
