#pragma once

#include "logs/log_reader.h"

namespace atlasjob {

/// Which output of one attempt.
struct LogSource {
    std::string logs_root;
    JobId job_id;
    int attempt = 1;
    std::optional<Stream> only{};  ///< Nothing: both streams, as they were written.
    /// Nothing more will be written. Else a character whose end is not there yet is left for the
    /// next page.
    bool ended = false;
};

/// A part of an attempt's output as text: UTF-8, every byte that is none replaced by U+FFFD.
///
/// An offset says where in the output of its source a page begins: 0 is the beginning, any other
/// comes from the page before. Up to the first rotation of the log it counts bytes as the command
/// wrote them; in general it is the number of the log's segment (from 0) times 2^32, and such bytes
/// within it. So it stays what it is when the log is rotated or loses its middle.
struct LogPage {
    std::string text;
    std::int64_t next_offset = 0;
    bool at_end = false;   ///< There is no more now.
    bool dropped = false;  ///< Output before this text is gone: it was dropped to keep the limit.
};

/// The page at `offset`: at most `limit_bytes` of text, or one character where that is longer. A
/// place where output was dropped ends a page. Throws unavailable for output that may not be read,
/// and for a segment that an offset cannot measure (over 4 GiB).
LogPage read_log_page(const LogSource& source, std::int64_t offset, std::size_t limit_bytes);

/// The last `lines` lines, as far as they fit into `limit_bytes`; what comes after them is at
/// next_offset. A longer last line is cut at its beginning. Looks for them in the newest
/// `most_bytes` of the log, whichever stream those are of.
LogPage read_log_tail(
    const LogSource& source,
    std::size_t lines,
    std::size_t limit_bytes,
    std::int64_t most_bytes = kTailBytes);

}  // namespace atlasjob
