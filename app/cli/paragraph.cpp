#include "cli/paragraph.h"

#include "base/text.h"

namespace atlasjob::cli {

namespace {

void append_line(std::string& out, std::string_view line, std::size_t column, std::size_t indent) {
    bool first = true;
    for (const std::string_view word : split(line, ' ')) {
        const std::size_t needed = word.size() + (first ? 0 : 1);
        if (!first && column + needed > kPageColumns) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        first = false;
    }
}

}  // namespace

std::string paragraph(std::string_view text, std::size_t begin, std::size_t indent) {
    std::string out;
    std::size_t column = begin;
    for (const std::string_view line : split(text, '\n')) {
        if (!out.empty()) {
            out += std::string(line.empty() ? 0 : indent, ' ');
            column = indent;
        }
        append_line(out, line, column, indent);
        out += '\n';
    }
    return out;
}

}  // namespace atlasjob::cli
