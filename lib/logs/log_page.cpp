#include "logs/log_page.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "logs/log_files.h"
#include "logs/log_reader.h"
#include "logs/log_record.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace atlasjob {

namespace {

constexpr std::size_t kChunk = 65536;
constexpr int kPositionBits = 32;
constexpr std::int64_t kMaxSegment = std::int64_t{1} << kPositionBits;
constexpr std::size_t kMaxCharacter = 4;
/// If the log is rotated during each of so many attempts, the last listing is used.
constexpr int kMaxTries = 16;

std::int64_t offset_of(std::int64_t segment, std::int64_t position) {
    return ((segment - 1) << kPositionBits) + position;
}

/// An open file of the log. The one being written has the number that it will get when rotated.
struct Segment {
    std::int64_t number = 0;
    bool active = false;
    UniqueFd file;
    std::int64_t bytes = 0;  ///< When it was opened.
};

std::vector<LogFile> files_of(const std::string& logs_root, const LogSource& source) {
    std::vector<LogFile> files = log_files(logs_root, source.job_id);
    std::erase_if(files, [&](const LogFile& file) { return file.attempt != source.attempt; });
    return files;
}

/// False if the log was rotated in between, since that adds a number.
bool same_numbers(const std::vector<LogFile>& a, const std::vector<LogFile>& b) {
    return std::ranges::equal(a, b, {}, &LogFile::segment, &LogFile::segment);
}

/// nullopt if the file is gone.
std::optional<Segment> open_segment(const LogFile& file, std::int64_t number) {
    Segment segment{number, file.segment == 0, open_log_file(file.path), 0};
    if (!segment.file) {
        if (errno == ENOENT) return {};
        refuse_unreadable(file.path, errno);
    }
    struct stat status {};
    if (fstat(segment.file.get(), &status) == 0) segment.bytes = status.st_size;
    return segment;
}

/// A consistent snapshot of the segments, in order.
std::vector<Segment> open_segments(const std::string& logs_root, const LogSource& source) {
    std::vector<Segment> segments;
    for (int tries = 0; tries < kMaxTries; ++tries) {
        const std::vector<LogFile> files = files_of(logs_root, source);
        segments.clear();
        std::int64_t last = 0;
        for (const LogFile& file : files) {
            last = file.segment == 0 ? last + 1 : file.segment;
            if (auto segment = open_segment(file, last)) segments.push_back(std::move(*segment));
        }
        if (segments.size() == files.size() && same_numbers(files, files_of(logs_root, source)))
            break;
    }
    return segments;
}

/// The text of a record including its line end, if it has one; empty if the record is invalid or
/// not selected by `source`. `line` is the record with its line end.
std::string_view text_of_line(std::string_view line, const LogSource& source) {
    const auto record = parse_record(line.substr(0, line.size() - 1));
    if (!record || (source.only && record->stream != *source.only)) return {};
    return line.substr(
        line.size() - 1 - record->text.size(), record->text.size() + (record->partial ? 0 : 1));
}

/// Calls `take(text)` for each selected record of the segment until it returns false.
template <class Take>
void for_each_text(const Segment& segment, const LogSource& source, Take take) {
    std::string pending;
    for (std::int64_t at = 0; at < segment.bytes;) {
        const std::size_t held = pending.size();
        const auto length =
            static_cast<std::size_t>(std::min<std::int64_t>(kChunk, segment.bytes - at));
        pending.resize(held + length);
        const ssize_t count = pread(segment.file.get(), pending.data() + held, length, at);
        if (count <= 0) return;
        at += count;
        pending.resize(held + static_cast<std::size_t>(count));
        std::string_view rest = pending;
        for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
            if (!take(text_of_line(rest.substr(0, end + 1), source))) return;
            rest.remove_prefix(end + 1);
        }
        pending.erase(0, pending.size() - rest.size());
    }
}

/// The number of bytes of selected text in the segment.
std::int64_t text_bytes(const Segment& segment, const LogSource& source) {
    std::int64_t bytes = 0;
    for_each_text(segment, source, [&](std::string_view text) {
        bytes += static_cast<std::int64_t>(text.size());
        return true;
    });
    return bytes;
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// The end of the UTF-8 text, at most `bytes` long and starting at a character boundary.
std::string end_of_text(std::string_view text, std::size_t bytes) {
    text.remove_prefix(text.size() - bytes);
    while (!text.empty() && continues_character(text[0]))
        text.remove_prefix(1);
    return std::string{text};
}

/// Whether `text` is a valid prefix of an incomplete character.
bool is_incomplete_character(std::string_view text) {
    if (text.empty() || text.size() >= kMaxCharacter) return false;
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0xC2 || lead > 0xF4) return false;
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return text.size() < length && std::ranges::all_of(text.substr(1), continues_character);
}

/// The origin of a run of gathered bytes.
struct Run {
    std::int64_t segment = 0;
    std::int64_t position = 0;  ///< Of its first byte, within the segment.
    std::int64_t length = 0;
    bool whole = false;  ///< It extends to the end of a full segment.
};

/// Gathers the bytes of one page and computes the offset of the next.
class PageReader {
  public:
    PageReader(const LogSource& source, std::size_t limit_bytes)
        : source_(source), limit_bytes_(limit_bytes), max_bytes_(limit_bytes + kMaxCharacter) {}

    bool full() const { return bytes_.size() >= max_bytes_; }

    void gather(const Segment& segment, std::int64_t from) {
        Run run{segment.number, from, 0, false};
        std::int64_t position = 0;
        bool cut = false;
        for_each_text(segment, source_, [&](std::string_view text) {
            const std::int64_t skipped =
                std::clamp<std::int64_t>(from - position, 0, std::ssize(text));
            position += std::ssize(text);
            text.remove_prefix(static_cast<std::size_t>(skipped));
            const std::string_view taken = text.substr(0, max_bytes_ - bytes_.size());
            bytes_ += taken;
            run.length += std::ssize(taken);
            cut = taken.size() < text.size();
            return !cut && !full();
        });
        run.whole = !cut && !full() && !segment.active;
        runs_.push_back(run);
    }

    /// `page.next_offset` is where the page begins.
    LogPage finish(LogPage page) && {
        std::string_view rest = bytes_;
        while (!rest.empty()) {
            const std::size_t length = utf8_length(rest);
            if (length == 0 && !source_.ended && is_incomplete_character(rest)) break;
            const std::string_view piece = length == 0 ? "\xEF\xBF\xBD" : rest.substr(0, length);
            if (!page.text.empty() && page.text.size() + piece.size() > limit_bytes_) break;
            page.text += piece;
            rest.remove_prefix(std::max<std::size_t>(length, 1));
        }
        page.at_end = page.at_end && rest.empty();
        advance(page, static_cast<std::int64_t>(bytes_.size() - rest.size()));
        return page;
    }

  private:
    void advance(LogPage& page, std::int64_t consumed) const {
        for (const Run& run : runs_) {
            const std::int64_t length = std::min(run.length, consumed);
            consumed -= length;
            if (run.position + length >= kMaxSegment) refuse_length();
            page.next_offset = offset_of(run.segment, run.position + length);
            if (length < run.length) return;
            if (run.whole) page.next_offset = offset_of(run.segment + 1, 0);
        }
    }

    [[noreturn]] static void refuse_length() {
        throw Error(
            ErrorCode::unavailable, "cannot page through output of more than 4 GiB in one file",
            "read the last lines, or the file itself");
    }

    const LogSource& source_;
    std::size_t limit_bytes_;
    std::size_t max_bytes_;
    std::string bytes_;
    std::vector<Run> runs_;
};

/// The offset of the end of `files`, at the sizes listed; nullopt if the log was rotated since.
std::optional<std::int64_t> end_of(const std::vector<LogFile>& files, const LogSource& source) {
    std::int64_t rotated = 0;
    for (const LogFile& file : files)
        rotated = std::max<std::int64_t>(rotated, file.segment);
    const std::int64_t begin = offset_of(rotated + 1, 0);
    if (files.empty() || files.back().segment != 0) return begin;
    auto active = open_segment(files.back(), rotated + 1);
    if (!active || active->bytes < files.back().bytes) return {};
    active->bytes = files.back().bytes;
    return begin + text_bytes(*active, source);
}

/// As many of the last lines as fit, as text.
std::string newest_text(const std::vector<LogLine>& lines, std::size_t limit_bytes) {
    std::vector<std::string> texts;
    std::size_t bytes = 0;
    for (auto line = lines.rbegin(); line != lines.rend() && bytes < limit_bytes; ++line) {
        std::string text = repair_utf8(line->text) + (line->complete ? "\n" : "");
        if (bytes + text.size() > limit_bytes) {
            if (texts.empty()) texts.push_back(end_of_text(text, limit_bytes));
            break;
        }
        bytes += text.size();
        texts.push_back(std::move(text));
    }
    std::string joined;
    for (auto text = texts.rbegin(); text != texts.rend(); ++text)
        joined += *text;
    return joined;
}

}  // namespace

LogPage read_log_page(
    const std::string& logs_root,
    const LogSource& source,
    std::int64_t offset,
    std::size_t limit_bytes) {
    const std::vector<Segment> segments = open_segments(logs_root, source);
    std::int64_t number = (offset >> kPositionBits) + 1;
    std::int64_t position = offset & (kMaxSegment - 1);
    LogPage page{{}, offset, true, false};
    PageReader reader{source, limit_bytes};
    bool begun = false;
    for (const Segment& segment : segments) {
        if (segment.number < number) continue;
        if (reader.full()) break;
        const bool gap = segment.number > number;
        if (gap && begun) {
            page.at_end = false;
            break;
        }
        if (gap) {
            page.dropped = true;
            position = 0;
        }
        reader.gather(segment, position);
        begun = true;
        position = 0;
        number = segment.number + 1;
    }
    return std::move(reader).finish(std::move(page));
}

LogPage read_log_tail(
    const std::string& logs_root, const LogSource& source, const TailLimits& limits) {
    LogPage page;
    std::vector<LogLine> last;
    for (int tries = 0; tries < kMaxTries; ++tries) {
        const std::vector<LogFile> files = files_of(logs_root, source);
        last = tail_of(files, {limits.lines, source.only, limits.max_bytes});
        const auto end = end_of(files, source);
        if (end) page.next_offset = *end;
        if (end && same_numbers(files, files_of(logs_root, source))) break;
    }
    page.at_end = true;
    page.text = newest_text(last, limits.bytes);
    return page;
}

}  // namespace atlasjob
