#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// What to do with a damaged ledger.
inline constexpr const char* kRestore =
    "restore a backup (docs/operations.md); atlasjob export --admin saves what is readable";

/// `pragma` is the thorough integrity_check or quick_check, which does not compare indexes with
/// their tables; `column` is the name of its result. Throw Error if the file cannot be read.
Finding check_pages(Connection& connection, const char* pragma, const char* column);

/// The full-text index is rows of ordinary tables to SQLite's own checks.
Finding check_texts(Connection& connection);

}  // namespace atlasjob::sqlite
