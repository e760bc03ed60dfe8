#include "base/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace atlasjob {

namespace {

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return {};
}

/// Decodes the escape ("%41") that `text` starts with; nullopt if it does not start with one.
std::optional<char> escaped_byte(std::string_view text) {
    if (text.size() < 3 || text[0] != '%') return {};
    const auto high = hex_digit(text[1]);
    const auto low = hex_digit(text[2]);
    if (!high || !low) return {};
    return static_cast<char>(*high * 16 + *low);
}

/// RFC 3986, 2.3.
bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
           || c == '.' || c == '_' || c == '~';
}

/// Whether `c` may appear unescaped somewhere in a URL (RFC 3986, 2.2): reserved characters, and a
/// percent sign that does not start an escape.
bool is_allowed_unescaped(char c) {
    constexpr std::string_view kReserved = ":/?#[]@!$&'()*+,;=%";
    return is_unreserved(c) || kReserved.find(c) != std::string_view::npos;
}

void append_escaped(std::string& out, char c) {
    out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
}

std::string normal_escapes(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto byte = escaped_byte(text);
        const char c = byte.value_or(text[0]);
        const bool escape = byte ? !is_unreserved(c) : !is_allowed_unescaped(c);
        if (escape) {
            append_escaped(out, c);
        } else {
            out += c;
        }
        text.remove_prefix(byte ? 3 : 1);
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
    if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
    return text;
}

}  // namespace

std::string url_segment(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            append_escaped(out, c);
        }
    }
    return out;
}

std::string normalized_url(std::string_view url) {
    while (url.ends_with('/'))
        url.remove_suffix(1);
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return normal_escapes(url);
    const std::string scheme = lower(url.substr(0, scheme_end));
    const std::string_view rest = url.substr(scheme_end + 3);
    const auto host_end = std::min(rest.find_first_of("/?#"), rest.size());
    const std::string host = lower(rest.substr(0, host_end));
    const std::string_view default_port = scheme == "https" ? ":443" : ":80";
    return fmt::format(
        "{}://{}{}", scheme, without_suffix(host, default_port),
        normal_escapes(rest.substr(host_end)));
}

}  // namespace atlasjob
