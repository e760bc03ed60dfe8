#include "base/json_text.h"

#include "base/text.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace atlasjob {

namespace {

/// Calls `token(byte, in_string)` for every byte of well-formed JSON; strings include their quotes.
template <class OnByte>
void scan_json(std::string_view json, OnByte on_byte) {
    bool in_string = false;
    bool escaped = false;
    for (const char c : json) {
        const bool quote = c == '"' && !escaped;
        on_byte(c, in_string || quote);
        if (quote) in_string = !in_string;
        escaped = in_string && c == '\\' && !escaped;
    }
}

bool plain_in_json(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"'
           && c != '\\';
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        default:
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    }
}

}  // namespace

bool nests_deeper_than(std::string_view json, std::size_t limit) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    scan_json(json, [&](char c, bool in_string) {
        if (in_string) return;
        if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
        if ((c == '}' || c == ']') && depth > 0) --depth;
    });
    return deepest > limit;
}

std::optional<std::string> compact_json(std::string_view text) {
    // accept() takes a NUL byte for the end of the text and never looks at what follows it.
    if (text.find('\0') != std::string_view::npos) return {};
    if (nests_deeper_than(text, kDeepestJson) || !nlohmann::json::accept(text)) return {};
    // accept() skips a byte order mark, which is not white space to anybody else.
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::string compact;
    compact.reserve(text.size());
    scan_json(text, [&](char c, bool in_string) {
        if (in_string || (c != ' ' && c != '\t' && c != '\r' && c != '\n')) compact += c;
    });
    return compact;
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto end = std::ranges::find_if_not(text, plain_in_json);
        const auto run = static_cast<std::size_t>(end - text.begin());
        out += text.substr(0, run);
        text.remove_prefix(run);
        if (text.empty()) break;
        const std::size_t length = utf8_length(text);
        if (length > 1) {
            out += text.substr(0, length);
        } else if (length == 1) {
            append_escaped(out, text[0]);
        } else {
            out += "\xEF\xBF\xBD";
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

void append_json_number(std::string& out, double value) {
    const std::size_t start = out.size();
    fmt::format_to(std::back_inserter(out), "{}", value);
    if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

}  // namespace atlasjob
