#pragma once

#include "base/clock.h"
#include "base/file.h"
#include "logs/log_files.h"
#include "logs/log_folder.h"
#include "logs/log_record.h"

#include <array>
#include <deque>

namespace atlasjob {

/// Writes the output of one attempt (log_record.h, log_files.h). The limit on its size is kept by
/// rotation: a quarter of it a file; the first file and the newest ones stay, the middle goes.
///
/// Nothing here throws or blocks on anything but the disk: a log that cannot be written (disk
/// full, no permission) must not end the command. What could not be kept is counted, and noted in
/// the log once that can be written again. Files appear with the first byte. Not thread-safe.
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

    /// Takes what the command wrote. A line that has not ended yet is held back until it does,
    /// gets too long, or flush_partial() is called.
    void write(Stream stream, std::string_view bytes);
    /// Whether a beginning of a line is held back.
    bool holds_partial() const;
    void flush_partial();
    /// A line of our own, among the command's errors: "atlasjob: …".
    void note(std::string_view text);

    /// Why nothing could be kept now; nullopt: it can. Makes the root of the logs, which is
    /// followed from then on when it is moved.
    std::optional<std::string> obstacle();
    /// What the log takes on disk now.
    std::int64_t bytes() const { return kept_bytes_ + active_bytes_; }
    /// What could not be written since the log was last able to say so.
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
    std::size_t longest_text_;
    UniqueFd file_;
    std::int64_t active_bytes_ = 0;
    std::int64_t kept_bytes_ = 0;  ///< Of the full segments.
    std::deque<Segment> segments_;
    int last_segment_ = 0;
    std::array<std::string, 2> partial_;  ///< By stream.
    RecordWriter writer_;
    std::string batch_;  ///< Records on their way to the file.
    std::int64_t unwritten_bytes_ = 0;
    std::string write_error_;  ///< Why.
};

}  // namespace atlasjob
