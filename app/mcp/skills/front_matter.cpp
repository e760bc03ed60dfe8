#include "mcp/skills/front_matter.h"

#include "base/error.h"
#include "mcp/schema/arguments.h"

#include <algorithm>
#include <vector>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kFence = "---";
constexpr std::string_view kIndent = "  ";
/// What begins a value that means more than its text.
constexpr std::string_view kSpecial = "&*!|>%@`[]{},#?-:";

[[noreturn]] void refuse(std::string_view line) {
    throw Error(
        ErrorCode::internal, "the front matter of the skill cannot be read: " + std::string{line});
}

std::vector<std::string_view> lines_of(std::string_view page) {
    std::vector<std::string_view> lines;
    while (!page.empty()) {
        const std::size_t end = std::min(page.find('\n'), page.size());
        lines.push_back(page.substr(0, end));
        page.remove_prefix(std::min(end + 1, page.size()));
    }
    return lines;
}

/// The lines between the fences.
std::vector<std::string_view> head_of(std::string_view page) {
    const std::vector<std::string_view> lines = lines_of(page);
    if (lines.empty() || lines.front() != kFence) refuse("it has none");
    const auto end = std::find(lines.begin() + 1, lines.end(), kFence);
    if (end == lines.end()) refuse("it does not end");
    return {lines.begin() + 1, end};
}

bool is_number_or_word(std::string_view value) {
    const bool is_number = std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    return (is_number && (value.size() == 1 || value.front() != '0')) || value == "true"
           || value == "false" || value == "null";
}

std::string quoted_value(std::string_view value) {
    const char quote = value.front();
    if (value.size() < 2 || value.back() != quote) refuse(value);
    const std::string_view inner = value.substr(1, value.size() - 2);
    // Escapes are not needed by any page, and mean different things in the two kinds of quotes.
    if (inner.find(quote) != std::string_view::npos || inner.find('\\') != std::string_view::npos)
        refuse(value);
    return quoted_json(inner);
}

std::string value_json(std::string_view value) {
    if (value.front() == '"' || value.front() == '\'') return quoted_value(value);
    if (kSpecial.find(value.front()) != std::string_view::npos) refuse(value);
    if (value.find(": ") != std::string_view::npos || value.find(" #") != std::string_view::npos)
        refuse(value);
    return is_number_or_word(value) ? std::string{value} : quoted_json(value);
}

struct Entry {
    std::string_view key;
    std::string_view value;
};

Entry entry_of(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos || line.starts_with(' ')) refuse(line);
    std::string_view value = line.substr(colon + 1);
    if (!value.empty() && value.front() != ' ') refuse(line);
    while (value.starts_with(' '))
        value.remove_prefix(1);
    while (value.ends_with(' '))
        value.remove_suffix(1);
    return {line.substr(0, colon), value};
}

void append_key(std::string& out, std::string_view key) {
    if (out.back() != '{') out += ',';
    out += quoted_json(key);
    out += ':';
}

}  // namespace

std::string front_matter(std::string_view page) {
    const std::vector<std::string_view> lines = head_of(page);
    std::string out = "{";
    for (std::size_t n = 0; n < lines.size();) {
        const Entry entry = entry_of(lines[n++]);
        append_key(out, entry.key);
        if (!entry.value.empty()) {
            out += value_json(entry.value);
            continue;
        }
        out += '{';
        for (; n < lines.size() && lines[n].starts_with(kIndent); ++n) {
            const Entry inner = entry_of(lines[n].substr(kIndent.size()));
            if (inner.value.empty()) refuse(lines[n]);
            append_key(out, inner.key);
            out += value_json(inner.value);
        }
        out += '}';
    }
    return out + '}';
}

}  // namespace atlasjob::mcp
