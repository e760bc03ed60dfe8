#pragma once

#include "base/file_trust.h"

#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// Store::why_untrusted for the ledger at that real path. Opens nothing: to close a descriptor of a
/// file that SQLite has open would drop its locks.
std::optional<std::string> why_untrusted(const std::string& ledger);

/// Throws Error(unavailable) when one of SQLite's own files beside the ledger was planted there or
/// belongs to an account that may not own it: SQLite follows no link there, but uses (and, as root,
/// gives away) whatever else it finds. For writers also when the gate or the bell was, before a
/// ledger is made. 4 or 6 system calls.
void refuse_planted_siblings(const std::string& ledger, bool writing);

/// Throws Error(unavailable) when others than this account and root may write the directory in
/// which a ledger is to be made.
void refuse_shared_directory(const std::string& ledger);

}  // namespace atlasjob::sqlite
