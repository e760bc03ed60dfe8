#pragma once

#include "base/file_trust.h"

#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// Store::why_untrusted for the ledger at that real path. Opens nothing: to close a descriptor of a
/// file that SQLite has open would drop its locks.
std::optional<std::string> why_untrusted(const std::string& ledger);

/// The first of SQLite's own files beside the ledger that was planted there or belongs to an
/// account that may not own it; for writers of the bell, too. SQLite itself would follow none of
/// them that is a link, but use any other. 3 or 4 system calls.
void refuse_planted_siblings(const std::string& ledger, const struct stat& own, bool writing);

/// Throws Error(unavailable) when others than this account and root may write the directory in
/// which a ledger is to be made.
void refuse_shared_directory(const std::string& ledger);

}  // namespace atlasjob::sqlite
