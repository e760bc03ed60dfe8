#include "rpc/raw_member.h"

#include "base/text.h"

namespace atlasjob::rpc {

namespace {

/// The length of the string at the front of `text`, its quotes included.
std::size_t string_length(std::string_view text) {
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2U : 1U;
    }
    return at + 1;
}

/// The length of the value at the front of `text`: up to the comma or bracket that follows it.
std::size_t value_length(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            at += string_length(text.substr(at));
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

}  // namespace

std::string_view raw_member(std::string_view object, std::string_view key) {
    std::string_view found;
    std::size_t at = object.find('{') + 1;
    while ((at = object.find('"', at)) != std::string_view::npos) {
        const std::size_t name_length = string_length(object.substr(at));
        const std::string_view name = object.substr(at + 1, name_length - 2);
        const std::size_t value_at = object.find(':', at + name_length) + 1;
        const std::size_t length = value_length(object.substr(value_at));
        if (name == key) found = trim(object.substr(value_at, length));
        at = value_at + length;
    }
    return found;
}

}  // namespace atlasjob::rpc
