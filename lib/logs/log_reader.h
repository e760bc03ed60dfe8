#pragma once

#include "logs/log_files.h"
#include "logs/log_record.h"

namespace atlasjob {

/// One line of a command's output, joined from its records.
struct LogLine {
    Time time;  ///< Of its first record.
    Stream stream = Stream::standard_output;
    bool complete = true;  ///< False if it has no line end.
    std::string text;      ///< Without its line end; any bytes.
};

/// How many bytes tail_log() reads at most. Lines before that are left out or lose their beginning.
inline constexpr std::int64_t kTailBytes = 4LL * 1024 * 1024;

/// The last `n` lines of an attempt's output, oldest first, ordered by when they ended; incomplete
/// lines come last. Returns fewer if there are fewer; empty if there is no log, or if it cannot be
/// read or fails the checks of log_folder.h. Safe while the log is being written.
std::vector<LogLine> tail_log(
    const std::string& logs_root, const JobId& job_id, int attempt, std::size_t n);

/// Selects the last lines of an attempt's output.
struct TailRequest {
    std::size_t lines = 0;
    std::optional<Stream> only{};             ///< nullopt: both streams.
    std::optional<std::int64_t> max_bytes{};  ///< How many bytes to read; nullopt: no limit.
};

/// The same from the `files` of one attempt, read up to the sizes listed.
std::vector<LogLine> tail_of(const std::vector<LogFile>& files, const TailRequest& request);

/// Joins the records in `text` into lines, ordered as tail_log() does. Skips invalid records.
std::vector<LogLine> join_records(std::string_view text);

}  // namespace atlasjob
