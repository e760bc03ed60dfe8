#pragma once

#include "logs/log_reader.h"

namespace atlasjob {

/// Selects output of one attempt.
struct LogSource {
    std::string logs_root;
    JobId job_id;
    int attempt = 1;
    std::optional<Stream> only{};  ///< nullopt: both streams, in the order written.
    /// No more will be written. If false, an incomplete UTF-8 character at the end is left for the
    /// next page.
    bool ended = false;
};

/// A part of an attempt's output as UTF-8 text; every invalid byte is replaced by U+FFFD.
///
/// An offset is a position in the output that a LogSource selects: 0 is the beginning, any other
/// comes from a previous page. It is the index of the log's segment (from 0) times 2^32, plus the
/// number of bytes written by the command within that segment; in the first segment it is simply a
/// count of bytes. Offsets therefore remain valid when the log is rotated or its middle is dropped.
struct LogPage {
    std::string text;
    std::int64_t next_offset = 0;
    bool at_end = false;   ///< There is no more output now.
    bool dropped = false;  ///< Output before this text was dropped to stay within the log limit.
};

/// The page at `offset`: at most `limit_bytes` of text, but at least one character. A page does not
/// extend across dropped output. Throws Error(unavailable) if the output may not be read, or if a
/// segment is too large for an offset (over 4 GiB).
LogPage read_log_page(const LogSource& source, std::int64_t offset, std::size_t limit_bytes);

/// The last `lines` lines, or as many of them as fit into `limit_bytes`; next_offset is the end of
/// the output. If the last line alone is too long, its beginning is cut off. Searches the newest
/// `max_bytes` of the log, counting both streams.
LogPage read_log_tail(
    const LogSource& source,
    std::size_t lines,
    std::size_t limit_bytes,
    std::int64_t max_bytes = kTailBytes);

}  // namespace atlasjob
