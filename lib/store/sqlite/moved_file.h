#pragma once

#include "base/error.h"
#include "store/sqlite/ledger_file.h"

#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// Where a ledger is now that this process has open, after it was moved; nothing when its file was
/// removed, or is without the write-ahead log and the shared memory that we have open with it (they
/// are known by the file's name: whoever opens it there uses others). Reads /proc/self/fd: where
/// that cannot be read, nothing is found.
std::optional<std::string> find_moved_ledger(const FileIdentity& ledger);

/// What is told when the file that was opened at `path` is there no more.
Error ledger_moved(const std::string& path);

}  // namespace atlasjob::sqlite
