#pragma once

#include "ledger/log_store.h"
#include "logs/log_files.h"

namespace atlasjob {

/// The last lines of the `files` of one attempt, read up to the sizes listed, oldest first and
/// ordered by when they ended; incomplete lines come last. Files that are gone count as empty.
/// Throws Error(unavailable) if one may not be read. Safe while the log is being written.
std::vector<LogLine> tail_of(const std::vector<LogFile>& files, const TailRequest& request);

/// Joins the records in `text` into lines, ordered as tail_of() does. Skips invalid records.
std::vector<LogLine> join_records(std::string_view text);

}  // namespace atlasjob
