#pragma once

#include "base/file_trust.h"

#include <optional>
#include <string>

namespace atlasjob::sqlite {

// All of these judge by file status alone and open nothing: closing a descriptor of a file that
// SQLite has open would drop its locks. If the ledger's mode lets other accounts write it, they may
// also own its siblings: they could change the ledger itself, and SQLite's files belong to the
// account that opened it first. Directories are judged as ssh judges those above authorized_keys.

/// Store::why_untrusted for the ledger at its canonical path. Workers call it when they start and
/// at every tick; 13 system calls for a ledger in /home/x/y.
std::optional<std::string> why_untrusted(const std::string& ledger);

/// The part of why_untrusted that can change while a worker runs: whether the ledger and its
/// directory are still safe from other accounts. As long as they are, no other account can change
/// the rest of what why_untrusted has checked. Called for every claim; 2 system calls.
bool is_safe_from_others(const std::string& ledger);

/// Throws Error(unavailable) if one of SQLite's files beside the ledger was planted or belongs to
/// an account that may not own it; for writers this includes `.gate` and `.bell`. SQLite follows no
/// symbolic link there, but uses (and, as root, changes the owner of) any other file; a `-journal`
/// would be rolled back. 4 system calls for readers, 6 for writers.
void refuse_planted_siblings(const std::string& ledger, bool writing);

/// Throws Error(unavailable) if accounts other than this one and root may write the directory in
/// which a ledger is to be created, even if it is sticky, or if it belongs to another account.
void refuse_shared_directory(const std::string& ledger);

}  // namespace atlasjob::sqlite
