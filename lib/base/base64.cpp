#include "base/base64.h"

#include <array>
#include <cstdint>

namespace atlasjob {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

/// The 24 bits of four digits; nullopt if one is not a base64 digit. Padding counts as zero.
std::optional<std::uint32_t> read_group(std::string_view group) {
    std::uint32_t bits = 0;
    for (const char c : group) {
        const std::size_t digit = c == '=' ? 0 : kDigits.find(c);
        if (digit == std::string_view::npos) return {};
        bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    }
    return bits;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::uint32_t bits =
            byte_at(bytes, at) << 16U | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2);
        const std::size_t left = bytes.size() - at;
        text += kDigits[bits >> 18U];
        text += kDigits[bits >> 12U & 63U];
        text += left > 1 ? kDigits[bits >> 6U & 63U] : '=';
        text += left > 2 ? kDigits[bits & 63U] : '=';
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return {};
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const auto bits = read_group(text.substr(at, 4));
        if (!bits) return {};
        bytes += static_cast<char>(*bits >> 16U & 255U);
        bytes += static_cast<char>(*bits >> 8U & 255U);
        bytes += static_cast<char>(*bits & 255U);
    }
    for (std::string_view rest = text; rest.ends_with('=') && !bytes.empty(); rest.remove_suffix(1))
        bytes.pop_back();
    // Misplaced padding and stray bits do not survive the round trip.
    return to_base64(bytes) == text ? std::optional{std::move(bytes)} : std::nullopt;
}

}  // namespace atlasjob
