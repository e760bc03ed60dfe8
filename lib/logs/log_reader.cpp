#include "logs/log_reader.h"

#include "base/file.h"
#include "logs/log_record.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace atlasjob {

namespace {

/// Joins records into lines; holds one unfinished line per stream.
class LineJoiner {
  public:
    void add(const LogRecord& record) {
        auto& open = open_.at(static_cast<std::size_t>(record.stream));
        if (!open) open = LogLine{record.time, record.stream, false, {}};
        open->text.append(record.text);
        if (record.partial) return;
        open->complete = true;
        lines_.push_back(std::move(*open));
        open.reset();
    }

    std::vector<LogLine> finish() && {
        for (auto& open : open_) {
            if (open) lines_.push_back(std::move(*open));
        }
        return std::move(lines_);
    }

  private:
    std::array<std::optional<LogLine>, 2> open_;
    std::vector<LogLine> lines_;
};

/// The last `bytes` bytes of a file of `size` bytes; fewer if the file is shorter now or gone.
/// Throws Error(unavailable) if it may not be read.
std::string read_end(const std::string& path, std::int64_t size, std::int64_t bytes) {
    const UniqueFd file = open_log_file(path);
    if (!file && errno != ENOENT) refuse_unreadable(path, errno);
    std::string text(static_cast<std::size_t>(bytes), '\0');
    std::size_t filled = 0;
    while (file && filled < text.size()) {
        const auto offset = size - bytes + static_cast<std::int64_t>(filled);
        const ssize_t count = pread(file.get(), text.data() + filled, text.size() - filled, offset);
        if (count <= 0) break;
        filled += static_cast<std::size_t>(count);
    }
    text.resize(filled);
    return text;
}

/// The end of the log: at most `budget` bytes, starting at a record boundary.
std::string read_tail(const std::vector<LogFile>& files, std::int64_t budget) {
    std::string tail;
    for (auto file = files.rbegin(); file != files.rend() && budget > 0; ++file) {
        const std::int64_t bytes = std::min(file->bytes, budget);
        std::string part = read_end(file->path, file->bytes, bytes);
        if (bytes < file->bytes) {
            const std::size_t record = part.find('\n');
            part.erase(0, record == std::string::npos ? part.size() : record + 1);
        }
        tail.insert(0, part);
        budget -= bytes;
    }
    return tail;
}

}  // namespace

std::vector<LogLine> join_records(std::string_view text) {
    LineJoiner joiner;
    // A record without a line end is still being written.
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        if (const auto record = parse_record(text.substr(0, end))) joiner.add(*record);
        text.remove_prefix(end + 1);
    }
    return std::move(joiner).finish();
}

std::vector<LogLine> tail_of(const std::vector<LogFile>& files, const TailRequest& request) {
    static constexpr std::int64_t kFirstBytes = 65536;
    std::int64_t max = 0;
    for (const LogFile& file : files)
        max += file.bytes;
    max = std::min(max, request.max_bytes.value_or(max));
    std::vector<LogLine> lines;
    for (std::int64_t budget = kFirstBytes;; budget *= 4) {
        budget = std::min(budget, max);
        lines = join_records(read_tail(files, budget));
        if (request.only)
            std::erase_if(lines, [&](const LogLine& line) { return line.stream != *request.only; });
        // One line more than requested, since the first may lack its beginning.
        if (lines.size() > request.lines || budget == max) break;
    }
    if (lines.size() > request.lines)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(request.lines));
    return lines;
}

}  // namespace atlasjob
