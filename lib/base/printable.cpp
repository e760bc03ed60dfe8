#include "base/printable.h"

#include "base/text.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace atlasjob {

namespace {

/// C0, DEL, C1, line separators and bidirectional control characters.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F
           || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E)
           || (c >= 0x2066 && c <= 0x2069);
}

std::string escape(std::string_view text, fmt::format_string<std::uint32_t> form) {
    const std::string repaired = repair_utf8(text);
    std::string shown;
    shown.reserve(repaired.size());
    for (std::string_view rest = repaired; !rest.empty();) {
        const std::string_view character = rest.substr(0, utf8_length(rest));
        const char32_t code = code_point(character);
        if (is_control(code)) {
            fmt::format_to(std::back_inserter(shown), form, static_cast<std::uint32_t>(code));
        } else {
            shown += character;
        }
        rest.remove_prefix(character.size());
    }
    return shown;
}

}  // namespace

std::string escape_controls(std::string_view text) {
    return escape(text, "\\u{{{:x}}}");
}

std::string escape_json_controls(std::string_view json) {
    return escape(json, "\\u{:04x}");
}

}  // namespace atlasjob
