#include "logs/log_record.h"

namespace atlasjob {

namespace {

constexpr std::size_t kTimeLength = 30;  // 2026-11-22T12:00:00.250000000Z

std::string_view tag_of(const LogRecord& record) {
    if (record.stream == Stream::standard_output) {
        return record.partial ? " stdout P " : " stdout F ";
    }
    return record.partial ? " stderr P " : " stderr F ";
}

}  // namespace

void RecordWriter::append(std::string& out, const LogRecord& record) {
    if (last_text_.empty() || record.time != last_) {
        last_ = record.time;
        last_text_ = format_time(record.time);
        // Log shippers expect nine digits; the clock's resolution is a millisecond.
        last_text_.insert(last_text_.size() - 1, "000000");
    }
    out.append(last_text_).append(tag_of(record)).append(record.text).append(1, '\n');
}

std::optional<LogRecord> parse_record(std::string_view line) {
    static constexpr std::size_t kTextAt = kRecordOverhead;
    if (line.size() < kTextAt) return {};
    const auto time = parse_time(line.substr(0, kTimeLength));
    if (!time) return {};
    LogRecord record{*time, Stream::standard_output, false, line.substr(kTextAt)};
    for (const Stream stream : {Stream::standard_output, Stream::standard_error}) {
        for (const bool partial : {false, true}) {
            record.stream = stream;
            record.partial = partial;
            if (line.substr(kTimeLength, kTextAt - kTimeLength) == tag_of(record)) return record;
        }
    }
    return {};
}

}  // namespace atlasjob
