#pragma once

#include "ledger/log_store.h"

#include <array>

namespace atlasjob::cli {

/// How to print a job's output.
struct LogForm {
    std::optional<Stream> only;  ///< nullopt for both streams.
    bool timestamps = false;     ///< Prefix each line with the time at which it began.
    bool separate = false;       ///< Print the job's stderr to stderr instead of stdout.
    /// Print whole lines without what they overwrite themselves (view/terminal_text.h): at a
    /// terminal nobody sees it, and it would overwrite what is before the line.
    bool last_state = false;
};

/// Prints a job's output byte for byte, or line by line with times or in its last state. EPIPE is
/// not an error; it stops the output.
class LogOutput {
  public:
    explicit LogOutput(const LogForm& form) : form_(form) {}

    void add(const LogRecord& record);
    void add(const LogLine& line);
    /// Writes the buffered output. Throws unavailable if it cannot be written.
    void flush();
    /// Flushes at the end, including incomplete lines.
    void finish();
    bool reader_left() const { return reader_left_; }

  private:
    void put(Stream stream, std::string_view text);
    void put_line(const LogLine& line);
    /// The text of a whole line, to be printed.
    std::string shown(const std::string& text) const;

    LogForm form_;
    std::string batch_;
    Stream batch_stream_ = Stream::standard_output;
    std::array<std::optional<LogLine>, 2>
        open_;  ///< Incomplete lines by stream, if timestamps are on.
    bool reader_left_ = false;
};

}  // namespace atlasjob::cli
