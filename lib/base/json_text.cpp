#include "base/json_text.h"

#include "base/text.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace atlasjob {

std::size_t json_string_length(std::string_view text) {
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2U : 1U;
    }
    return at + 1;
}

std::size_t json_value_length(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            at += json_string_length(text.substr(at));
            continue;
        }
        const bool closes = c == '}' || c == ']';
        if (depth == 0 && (closes || c == ',')) return at;
        if (c == '{' || c == '[') ++depth;
        if (closes) --depth;
        ++at;
    }
    return text.size();
}

namespace {

/// The text between the brackets of an object or array.
std::string_view inside(std::string_view text) {
    text = trim(text);
    text.remove_prefix(1);
    text.remove_suffix(1);
    return trim(text);
}

/// Removes the first value from `text`, and the comma after it, and returns the value.
std::string_view take_value(std::string_view& text) {
    const std::size_t length = json_value_length(text);
    const std::string_view value = trim(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
    return value;
}

}  // namespace

std::vector<JsonMember> members_of(std::string_view object) {
    std::vector<JsonMember> members;
    for (std::string_view rest = inside(object); !rest.empty(); rest = trim(rest)) {
        const std::size_t key_length = json_string_length(rest);
        std::string key = text_of_json_string(rest.substr(0, key_length));
        rest.remove_prefix(rest.find(':', key_length) + 1);
        members.push_back({std::move(key), take_value(rest)});
    }
    return members;
}

std::vector<std::string_view> elements_of(std::string_view array) {
    std::vector<std::string_view> elements;
    for (std::string_view rest = inside(array); !rest.empty();)
        elements.push_back(take_value(rest));
    return elements;
}

std::string text_of_json_string(std::string_view text) {
    // Most strings have no escapes and need no parser.
    if (text.find('\\') == std::string_view::npos)
        return std::string{text.substr(1, text.size() - 2)};
    return nlohmann::json::parse(text).get<std::string>();
}

namespace {

/// Calls `on_byte(byte, in_string)` for every byte of well-formed JSON; strings include their
/// quotes.
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
    // accept() treats a NUL byte as the end of the text and ignores what follows.
    if (text.find('\0') != std::string_view::npos) return {};
    if (nests_deeper_than(text, kDeepestJson) || !nlohmann::json::accept(text)) return {};
    // accept() skips a byte order mark; other parsers do not.
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
