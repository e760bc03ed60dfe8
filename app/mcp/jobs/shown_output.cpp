#include "mcp/jobs/shown_output.h"

#include "base/text.h"
#include "view/terminal_text.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace atlasjob::mcp {

namespace {

/// How far a page is extended for an escape sequence that is longer than the page.
constexpr std::size_t kMaxSequence = 4096;

/// The last bytes of the text: whole lines or, if the last line alone is longer, its end.
std::string end_of(std::string text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    std::size_t begin = text.size() - bytes;
    const std::size_t line_end = text.find('\n', begin - 1);
    if (line_end != std::string::npos && line_end + 1 < text.size())
        return text.substr(line_end + 1);
    while (begin < text.size() && utf8_length(std::string_view{text}.substr(begin)) == 0)
        ++begin;
    return text.substr(begin);
}

/// The page with its text as shown. A page has at least one character, whatever its limit. Text
/// that moving the cursor makes longer than the page loses its beginning.
LogPage as_shown(LogPage page, std::size_t limit_bytes) {
    const std::size_t limit = std::max(limit_bytes, page.text.size());
    std::string text = view::terminal_text(page.text);
    page.dropped = page.dropped || text.size() > limit;
    page.text = end_of(std::move(text), limit);
    return page;
}

/// How much of a page's text to show now: up to its last line end if more follows, and never a
/// part of an escape sequence.
std::size_t length_to_show(const LogPage& page) {
    const std::size_t line_end = page.text.rfind('\n');
    if (!page.at_end && line_end != std::string::npos) return line_end + 1;
    return view::length_of_whole_sequences(page.text);
}

/// The length of a sequence that a page of `limit_bytes` cuts off.
std::size_t cut_off_length(
    LogStore& logs, const LogSource& source, std::int64_t offset, std::size_t limit_bytes) {
    const LogPage longer = logs.page(source, offset, limit_bytes + kMaxSequence);
    const std::size_t length = view::sequence_length(longer.text);
    return length > 0 ? length : limit_bytes;
}

}  // namespace

LogPage shown_tail(LogStore& logs, const LogSource& source, const TailLimits& limits) {
    // A line of any length may be short once it is shown.
    const auto searched = static_cast<std::size_t>(limits.max_bytes);
    LogPage page = logs.tail(source, {limits.lines, searched, limits.max_bytes});
    page.text = end_of(view::terminal_text(page.text), limits.bytes);
    return page;
}

LogPage shown_page(
    LogStore& logs, const LogSource& source, std::int64_t offset, std::size_t limit_bytes) {
    LogPage page = logs.page(source, offset, limit_bytes);
    const bool is_last = page.at_end && source.ended;
    if (page.text.empty() || is_last) {
        return as_shown(std::move(page), limit_bytes);
    }
    std::size_t length = length_to_show(page);
    // The rest of the sequence is still to be written.
    if (length == 0 && page.at_end) return {{}, offset, true, page.dropped};
    if (length == 0) length = cut_off_length(logs, source, offset, limit_bytes);
    // Limits count bytes of text, so a page with that limit is the beginning of this one.
    if (length != page.text.size()) page = logs.page(source, offset, length);
    return as_shown(std::move(page), limit_bytes);
}

std::string missing_text(LogStore& logs, const Job& job) noexcept {
    try {
        const auto missing = missing_output(logs, job);
        return missing ? missing->text : std::string{};
    } catch (const std::exception&) {
        return {};
    }
}

}  // namespace atlasjob::mcp
