#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string repair_utf8(std::string_view text);

/// The length of the well-formed UTF-8 character at the front of `text` (1-4), or 0 when there is
/// none there (Unicode 15, table 3-7: no surrogates, no overlong forms).
std::size_t utf8_length(std::string_view text);

/// The parts of `text` between `separator`s; one part more than there are separators.
std::vector<std::string_view> split(std::string_view text, char separator);

/// `text` without spaces, tabs and line ends at either end.
std::string_view trim(std::string_view text);

/// The candidate that `word` was most likely meant to be (edit distance at most a third of its
/// length, at least 1), or an empty view. The view points into `candidates`.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// The whole of `text` as a decimal number; nothing when it is not one or does not fit.
template <class Integer>
std::optional<Integer> parse_integer(std::string_view text) {
    Integer value{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stop != text.data() + text.size()) return {};
    return value;
}

}  // namespace atlasjob
