#pragma once

#include "base/error.h"

#include <SQLiteCpp/Exception.h>

#include <string_view>

namespace atlasjob::sqlite {

/// What a failure of SQLite means to whoever asked, by its extended result code and never by its
/// text. `doing` completes "cannot …".
Error translated(const SQLite::Exception& failure, std::string_view ledger, std::string_view doing);

/// A failed COMMIT. It is not known whether it happened (outcome_unknown): after an I/O error a
/// later recovery can find it done (seen with an injected EIO in fdatasync). Only a full disk is
/// certain (unavailable): the frame that makes the transaction one is the last to be written, and
/// it was not.
Error commit_failed(const SQLite::Exception& failure, std::string_view ledger);

}  // namespace atlasjob::sqlite
