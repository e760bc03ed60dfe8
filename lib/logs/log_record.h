#pragma once

#include "ledger/log_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

// Records are stored in the format of the Kubernetes CRI:
//   2026-11-22T12:00:00.250000000Z stdout F some text
// F (full): the text ends a line; P (partial): LogRecord::partial.

/// The size of a record without its text, in bytes.
inline constexpr std::size_t kRecordOverhead = 40;

/// Formats records. Caches the last formatted time, as a chatty command writes many records in one
/// millisecond.
class RecordWriter {
  public:
    /// Appends the record and a line end.
    void append(std::string& out, const LogRecord& record);

  private:
    Time last_;
    std::string last_text_;
};

/// Parses one line, without its line end; nullopt if it is not a record. The record's text is a
/// view into `line`.
std::optional<LogRecord> parse_record(std::string_view line);

}  // namespace atlasjob
