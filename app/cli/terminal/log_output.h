#pragma once

#include "logs/log_reader.h"

#include <array>

namespace atlasjob::cli {

/// How a job's output is written to ours.
struct LogForm {
    std::optional<Stream> only;  ///< Nothing: both streams.
    bool timestamps = false;     ///< Each line begins with the time it was begun at.
    bool apart = false;          ///< Its stderr goes to ours; else all goes to stdout.
};

/// Writes a job's output byte for byte as the job wrote it, or line by line with times. A reader
/// that leaves is no error: nothing more is written then.
class LogOutput {
  public:
    explicit LogOutput(const LogForm& form) : form_(form) {}

    void add(const LogRecord& record);
    void add(const LogLine& line);
    /// Writes what has come together. Throws unavailable when it cannot be written.
    void flush();
    /// The same at the end: lines that have not ended are written as they are.
    void finish();
    bool reader_left() const { return reader_left_; }

  private:
    void put(Stream stream, std::string_view text);
    void put_line(const LogLine& line);

    LogForm form_;
    std::string batch_;
    Stream batch_stream_ = Stream::standard_output;
    std::array<std::optional<LogLine>, 2> open_;  ///< With times: lines that have not ended.
    bool reader_left_ = false;
};

}  // namespace atlasjob::cli
