#include "cli/terminal/log_output.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "view/terminal_text.h"

#include <unistd.h>

#include <algorithm>
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
    const std::string text = shown(line.text);
    add(LogRecord{line.time, line.stream, !line.complete, text});
}

void LogOutput::put_line(const LogLine& line) {
    put(line.stream, format_time(line.time));
    put(line.stream, " ");
    put(line.stream, shown(line.text));
    put(line.stream, "\n");
}

std::string LogOutput::shown(const std::string& text) const {
    // A line that overwrites nothing keeps its colours.
    const std::size_t overwrites = text.find_first_of("\r\b");
    if (!form_.last_state || overwrites >= text.size() - std::min<std::size_t>(text.size(), 1))
        return text;
    return view::terminal_text(repair_utf8(text));
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
