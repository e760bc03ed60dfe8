#pragma once

#include "base/clock.h"
#include "base/file.h"
#include "logs/log_files.h"
#include "logs/log_folder.h"
#include "logs/log_record.h"

#include <array>
#include <deque>

namespace atlasjob {

/// Writes the output of one attempt (log_record.h, log_files.h). Keeps its size limit by rotation:
/// each file is a quarter of the limit; the first file and the newest ones are kept, the middle is
/// dropped.
///
/// Never throws, and blocks only on the disk: a log that cannot be written (disk full, no
/// permission) must not stop the command. Bytes that could not be written are counted, and noted in
/// the log once it is writable again. Files are created with the first byte. Not thread-safe.
class OutputLog {
  public:
    struct Target {
        std::string logs_root;
        JobId job_id;
        int attempt = 1;
        std::int64_t limit_bytes = 0;
    };

    OutputLog(Target target, const Clock& clock);
    OutputLog(const OutputLog&) = delete;
    OutputLog& operator=(const OutputLog&) = delete;
    ~OutputLog();

    /// Writes output of the command. An unfinished line is held back until it ends, gets too long,
    /// or flush_partial() is called.
    void write(Stream stream, std::string_view bytes);
    /// Whether an unfinished line is held back.
    bool holds_partial() const;
    void flush_partial();
    /// Writes a note by atlasjob as a line of standard error: "atlasjob: …".
    void note(std::string_view text);

    /// Why the log cannot be written now; nullopt if it can. Creates the root of the logs if needed
    /// and follows it from then on (LogRoot).
    std::optional<std::string> why_unwritable();
    /// The size of the log on disk.
    std::int64_t bytes() const { return kept_bytes_ + active_bytes_; }
    /// Bytes that could not be written and are not yet noted in the log.
    std::int64_t unwritten_bytes() const { return unwritten_bytes_; }

  private:
    struct Segment {
        int number = 0;
        std::int64_t bytes = 0;
    };

    void put(Stream stream, bool partial, std::string_view text);
    void flush();
    bool write_batch();
    bool open();
    void rotate();
    void drop_middle();
    std::string directory();
    std::string file_name(int segment) const;
    std::optional<LogFolder> folder();

    Target target_;
    LogRoot root_;  ///< Of target_.logs_root.
    const Clock& clock_;
    std::int64_t segment_bytes_;
    std::size_t max_text_;  ///< Of a record.
    UniqueFd file_;
    std::int64_t active_bytes_ = 0;
    std::int64_t kept_bytes_ = 0;  ///< Of the full segments.
    std::deque<Segment> segments_;
    int last_segment_ = 0;
    std::array<std::string, 2> partial_;  ///< By stream.
    RecordWriter writer_;
    std::string batch_;  ///< Records not yet written to the file.
    std::int64_t unwritten_bytes_ = 0;
    std::string write_error_;  ///< Of the last failed write.
};

}  // namespace atlasjob
