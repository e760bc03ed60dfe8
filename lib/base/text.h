#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view text);

/// The length in bytes (1-4) of the UTF-8 character that `text` starts with; 0 if it does not start
/// with a well-formed one (Unicode 15, table 3-7: no surrogates, no overlong forms).
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// The code point of one well-formed UTF-8 character.
[[nodiscard]] char32_t code_point(std::string_view character);

/// Splits `text` at each `separator`; returns one part more than there are separators.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// `text` without leading and trailing spaces, tabs and line ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The candidate closest to `word`, to suggest for a misspelling: an edit distance of at most a
/// third of its length, or 1 for short words. Empty if none is that close. The view points into
/// `candidates`.
[[nodiscard]] std::string_view nearest(
    std::string_view word, std::span<const std::string_view> candidates);

/// Parses all of `text` as a decimal integer; nullopt if it is not one or does not fit.
template <class Integer>
[[nodiscard]] std::optional<Integer> parse_integer(std::string_view text) {
    Integer value{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stop != text.data() + text.size()) return {};
    return value;
}

}  // namespace atlasjob
