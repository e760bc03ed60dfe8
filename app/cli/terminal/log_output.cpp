#include "cli/terminal/log_output.h"

#include "base/error.h"
#include "base/file.h"

#include <unistd.h>

#include <cerrno>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kBatchBytes = 65536;

}  // namespace

void LogOutput::add(const LogRecord& record) {
    if (form_.only && record.stream != *form_.only) return;
    if (!form_.timestamps) {
        put(record.stream, record.text);
        if (!record.partial) put(record.stream, "\n");
        return;
    }
    auto& open = open_.at(static_cast<std::size_t>(record.stream));
    if (!open) open = LogLine{record.time, record.stream, true, {}};
    open->text.append(record.text);
    if (record.partial) return;
    put_line(*open);
    open.reset();
}

void LogOutput::add(const LogLine& line) {
    add(LogRecord{line.time, line.stream, !line.complete, line.text});
}

void LogOutput::put_line(const LogLine& line) {
    put(line.stream, format_time(line.time));
    put(line.stream, " ");
    put(line.stream, line.text);
    put(line.stream, "\n");
}

void LogOutput::put(Stream stream, std::string_view text) {
    if (form_.separate && stream != batch_stream_) {
        flush();
        batch_stream_ = stream;
    }
    batch_.append(text);
    if (batch_.size() >= kBatchBytes) flush();
}

void LogOutput::flush() {
    const bool to_stderr = form_.separate && batch_stream_ == Stream::standard_error;
    const bool written =
        reader_left_ || write_all(to_stderr ? STDERR_FILENO : STDOUT_FILENO, batch_);
    const int error = errno;
    batch_.clear();
    if (written) return;
    if (error != EPIPE) {
        throw Error(
            ErrorCode::unavailable, "cannot write the output: " + errno_text(error),
            "free some space or redirect the output; the job is not affected");
    }
    reader_left_ = true;
}

void LogOutput::finish() {
    for (auto& open : open_) {
        if (open) put_line(*open);
        open.reset();
    }
    flush();
}

}  // namespace atlasjob::cli
