#pragma once

#include "base/error.h"
#include "base/file.h"
#include "base/file_identity.h"

#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// What stands at a path before any connection to it is made.
enum class FileState {
    absent,
    empty,   ///< Zero bytes: somebody is about to create a ledger there, or nobody ever did.
    sqlite,  ///< Begins as SQLite files do. Whether it is a ledger, a connection must tell.
};

/// Looks at the first bytes of the file itself: a WAL can shadow a damaged header. Must not be
/// called while this process has a connection to the file: closing any descriptor of it drops the
/// locks of all (sqlite.org/howtocorrupt.html, 2.2). Throws not_a_ledger for a directory, a file of
/// another kind and an emptied ledger, unavailable when it cannot be read.
FileState inspect_file(const std::string& path);

/// Makes the directories above `path` (0700) and the empty file itself (0600), all of it durable.
/// Fine when somebody else is faster. Throws unavailable, also where others may write the
/// directory, and never makes what a link names.
void create_file(const std::string& path);

/// Throws unavailable when the file's directory is on a network filesystem: SQLite's WAL needs
/// memory shared by one machine, and flock there is not what it is here.
void refuse_network_filesystem(const std::string& path);

/// Where a ledger is now that this process has open, after it was moved; nothing when its file was
/// removed, or is without the write-ahead log and the shared memory that we have open with it (they
/// are known by the file's name: whoever opens it there uses others). Reads /proc/self/fd: where
/// that cannot be read, nothing is found.
std::optional<std::string> find_moved_ledger(const FileIdentity& ledger);

/// What is told when the file that was opened at `path` is there no more.
Error ledger_moved(const std::string& path);

}  // namespace atlasjob::sqlite
