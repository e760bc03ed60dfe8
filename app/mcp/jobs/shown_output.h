#pragma once

#include "ledger/missing_output.h"

namespace atlasjob::mcp {

// A job's output as a person sees it at a terminal (view/terminal_text.h). Throw as LogStore does.

/// As LogStore::tail(); the limits are those of the text as shown. If the last line alone is too
/// long, its beginning is cut off.
LogPage shown_tail(LogStore& logs, const LogSource& source, const TailLimits& limits);

/// As LogStore::page(). The page ends with a line, if it has a whole one and more follows: what
/// overwrites a line is on its page. `limit_bytes` is also the limit of the text as shown.
LogPage shown_page(
    LogStore& logs, const LogSource& source, std::int64_t offset, std::size_t limit_bytes);

/// What of the output of the job's latest attempt is missing, as a sentence; empty if nothing is
/// (missing_output.h). Never throws: whatever is read next reports an outage.
std::string missing_text(LogStore& logs, const Job& job) noexcept;

}  // namespace atlasjob::mcp
