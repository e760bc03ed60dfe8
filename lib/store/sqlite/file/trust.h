#pragma once

#include "base/file_trust.h"

#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// Store::why_untrusted for the ledger at that real path. Opens nothing: to close a descriptor of a
/// file that SQLite has open would drop its locks.
std::optional<std::string> why_untrusted(const std::string& ledger);

/// Of that what can come to be while a worker lives: that the file or its directory is not this
/// account's alone any more. While it is, nobody else can change what why_untrusted has found. For
/// every claim: 2 system calls.
bool is_ours_alone(const std::string& ledger);

/// Throws Error(unavailable) when one of SQLite's own files beside the ledger was planted there or
/// belongs to an account that may not own it: SQLite follows no link there, but uses (and, as root,
/// gives away) whatever else it finds. For writers also when the gate or the bell was, before a
/// ledger is made. 4 or 6 system calls.
void refuse_planted_siblings(const std::string& ledger, bool writing);

/// Throws Error(unavailable) when others than this account and root may write the directory in
/// which a ledger is to be made.
void refuse_shared_directory(const std::string& ledger);

}  // namespace atlasjob::sqlite
