#pragma once

#include "base/error.h"

#include <SQLiteCpp/Exception.h>

#include <string_view>

namespace atlasjob::sqlite {

/// Translates a failure of SQLite by its extended result code, never by its text. `verb` completes
/// "cannot …".
Error translated(const SQLite::Exception& failure, std::string_view ledger, std::string_view verb);

/// Translates a failed COMMIT. The outcome is unknown: after an I/O error a later recovery can
/// still find the transaction committed (observed with an injected EIO in fdatasync). Only a full
/// disk is certain (unavailable): the WAL frame that commits the transaction comes last, and it was
/// not written.
Error commit_failed(const SQLite::Exception& failure, std::string_view ledger);

}  // namespace atlasjob::sqlite
