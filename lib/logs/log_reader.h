#pragma once

#include "logs/log_files.h"
#include "logs/log_record.h"

namespace atlasjob {

/// One line of a command's output, put together again.
struct LogLine {
    Time time;  ///< Of its first part.
    Stream stream = Stream::standard_output;
    bool complete = true;  ///< False: its line end never came.
    std::string text;      ///< Without its line end; any bytes.
};

/// How far back tail_log looks. Lines that do not fit are left out, or cut at their beginning.
inline constexpr std::int64_t kTailBytes = 4LL * 1024 * 1024;

/// The last `n` lines of an attempt's output, oldest first, in the order in which they ended; at
/// the end what has not ended. Fewer when there are fewer; none when there is no log, or none that
/// may be shown as the job's. Safe while the log is being written.
std::vector<LogLine> tail_log(
    const std::string& logs_root, const JobId& job_id, int attempt, std::size_t n);

/// Which of the last lines.
struct TailRequest {
    std::size_t lines = 0;
    std::optional<Stream> only{};              ///< Nothing: both streams.
    std::optional<std::int64_t> most_bytes{};  ///< How far back to look; nothing: all the way.
};

/// The same from `files` of one attempt, as far as their sizes tell.
std::vector<LogLine> tail_of(const std::vector<LogFile>& files, const TailRequest& request);

/// The lines that records stand for, as tail_log puts them together. Lines of `text` that are no
/// records are left out.
std::vector<LogLine> join_records(std::string_view text);

}  // namespace atlasjob
