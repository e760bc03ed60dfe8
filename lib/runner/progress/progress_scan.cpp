#include "runner/progress/progress_scan.h"

namespace atlasjob {

namespace {

constexpr std::string_view kLineEnds = "\n\r";

/// `line` without terminal escape sequences (colours, cursor movement).
std::string without_escapes(std::string_view line) {
    std::string plain;
    plain.reserve(line.size());
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] != '\x1b') {
            plain += line[at];
            continue;
        }
        // "ESC [ parameters final byte"; other sequences are treated as ESC and one byte.
        if (++at >= line.size() || line[at] != '[') continue;
        do {
            ++at;
        } while (at < line.size() && (line[at] < '@' || line[at] > '~'));
    }
    return plain;
}

std::optional<Report> read_line(ProgressRule& rule, std::string_view line, bool ended) {
    ended = ended || line.size() > kMaxProgressLine;
    line = line.substr(0, kMaxProgressLine);
    if (line.find('\x1b') == std::string_view::npos) return rule.read(line, ended);
    return rule.read(without_escapes(line), ended);
}

bool same_progress(const Report& one, const Report& other) {
    return one.progress == other.progress && one.current == other.current
           && one.total == other.total;
}

}  // namespace

ProgressScan::ProgressScan(const std::string& pattern) {
    for (Source& source : sources_)
        source.rule = make_progress_rule(pattern);
}

void ProgressScan::feed(Stream stream, std::string_view bytes) {
    Source& source = sources_.at(static_cast<std::size_t>(stream));
    source.recent.append(bytes);
    // Trim only when twice too long, so that many short writes do not move the bytes each time.
    if (source.recent.size() <= 2 * kProgressWindow) return;
    source.recent.erase(0, source.recent.size() - kProgressWindow);
    source.cut = true;
}

std::optional<Report> ProgressScan::read() {
    std::optional<Report> newest;
    for (Source& source : sources_) {
        if (auto report = read(source)) newest = std::move(report);
    }
    if (!newest || (last_ && same_progress(*last_, *newest))) return {};
    last_ = newest;
    return newest;
}

std::optional<Report> ProgressScan::read(Source& source) {
    std::optional<Report> newest;
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = source.recent.find_first_of(kLineEnds, begin);
        const bool ended = end != std::string::npos;
        const auto line = std::string_view{source.recent}.substr(
            begin, ended ? end - begin : std::string_view::npos);
        if (!source.cut && !line.empty()) {
            if (auto report = read_line(*source.rule, line, ended)) newest = std::move(report);
        }
        if (!ended) break;
        source.cut = false;
        begin = end + 1;
    }
    keep_unfinished_line(source, begin);
    return newest;
}

void ProgressScan::keep_unfinished_line(Source& source, std::size_t open) {
    source.recent.erase(0, open);
    if (source.recent.size() <= kMaxProgressLine) return;
    // The beginning of the line has been read, and the rest is ignored.
    source.recent.clear();
    source.cut = true;
}

}  // namespace atlasjob
