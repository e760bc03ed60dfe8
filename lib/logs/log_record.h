#pragma once

#include "base/time.h"

#include <string>

namespace atlasjob {

/// Which of a command's outputs.
enum class Stream { standard_output, standard_error };

/// One record of an output log, in the format of the Kubernetes CRI:
///   2026-11-22T12:00:00.250000000Z stdout F some text
/// F: the text ends a line; P: more of the same line follows, or never came. The text may hold any
/// bytes but a line end, so records joined by stream give back exactly what was written.
struct LogRecord {
    Time time;
    Stream stream = Stream::standard_output;
    bool partial = false;
    std::string_view text;
};

/// Bytes of a record besides its text.
inline constexpr std::size_t kRecordOverhead = 40;

/// Writes records. Remembers how the last time is written: a command that babbles writes many
/// records in one millisecond.
class RecordWriter {
  public:
    /// Appends the record and its line end.
    void append(std::string& out, const LogRecord& record);

  private:
    Time last_;
    std::string last_text_;
};

/// Reads one line, without its line end. Nothing when it is no record. The text is a view of
/// `line`.
std::optional<LogRecord> parse_record(std::string_view line);

}  // namespace atlasjob
