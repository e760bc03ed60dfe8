#pragma once

#include "ledger/log_store.h"

#include <string>

namespace atlasjob {

// LogStore::page() and tail() for the files below `logs_root`. An offset is the index of the log's
// segment (from 0) times 2^32, plus the number of bytes written by the command within that segment;
// in the first segment it is simply a count of bytes. Offsets therefore remain valid when the log
// is rotated or its middle is dropped. Throw Error(unavailable) if the output may not be read, or
// if a segment is too large for an offset (over 4 GiB).

LogPage read_log_page(
    const std::string& logs_root,
    const LogSource& source,
    std::int64_t offset,
    std::size_t limit_bytes);

LogPage read_log_tail(
    const std::string& logs_root, const LogSource& source, const TailLimits& limits);

}  // namespace atlasjob
