#include "base/json_parts.h"

#include "base/text.h"

#include <nlohmann/json.hpp>

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

/// What stands between the brackets of an object or array.
std::string_view inside(std::string_view text) {
    text = trim(text);
    text.remove_prefix(1);
    text.remove_suffix(1);
    return trim(text);
}

/// Takes the value at the front of `text` away, and the comma after it.
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
    // Most have no escapes and need no parser.
    if (text.find('\\') == std::string_view::npos)
        return std::string{text.substr(1, text.size() - 2)};
    return nlohmann::json::parse(text).get<std::string>();
}

}  // namespace atlasjob
