#pragma once

#include "base/clock.h"
#include "base/file.h"
#include "ledger/log_store.h"
#include "logs/log_folder.h"
#include "logs/log_record.h"

#include <array>
#include <deque>

namespace atlasjob {

/// Writes an attempt's output to files (log_files.h) of log_record.h's records. Each file is a
/// quarter of the limit; the first file and the newest ones are kept. Blocks only on the disk, and
/// readers see at once what is not held back. Files are created with the first byte.
class FileLogWriter final : public LogWriter {
  public:
    FileLogWriter(const std::string& logs_root, const LogStore::Target& target, const Clock& clock);
    ~FileLogWriter() override;

    void write(Stream stream, std::string_view bytes) override;
    bool holds_partial() const override;
    void flush_partial() override;
    void note(std::string_view text) override;

    /// Creates the root of the logs if needed and follows it from then on (LogRoot).
    std::optional<std::string> why_unwritable() override;
    std::int64_t bytes() const override { return kept_bytes_ + active_bytes_; }
    std::int64_t unwritten_bytes() const override { return unnoted_bytes_; }
    std::int64_t lost_bytes() const override { return lost_bytes_; }
    std::string why_unwritten() const override { return lost_bytes_ > 0 ? write_error_ : ""; }

  private:
    struct Segment {
        int number = 0;
        std::int64_t bytes = 0;
    };

    void put(Stream stream, bool partial, std::string_view text);
    void put_output(Stream stream, bool line_ends, std::string_view text);
    void flush();
    bool write_batch();
    bool open();
    void rotate();
    void drop_middle();
    std::string directory();
    std::string file_name(int segment) const;
    std::optional<LogFolder> folder();

    LogStore::Target target_;
    LogRoot root_;
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
    std::string batch_;               ///< Records not yet written to the file.
    std::int64_t batch_output_ = 0;   ///< Bytes of the output in them.
    std::int64_t lost_bytes_ = 0;     ///< Of the output, in all.
    std::int64_t unnoted_bytes_ = 0;  ///< Of the log: lost, and it does not say so yet.
    std::string write_error_;         ///< Of the last failed write.
};

}  // namespace atlasjob
