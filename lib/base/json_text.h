#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

// JSON handled as text: values are stored and passed on exactly as given (numbers of any size, key
// order, duplicate keys), so the ledger never alters a result.

/// A member of a JSON object, with its value as JSON text.
struct JsonMember {
    std::string key;
    std::string_view value;
};

/// The members of `object` in their order, duplicates included. `object` must be a well-formed JSON
/// object; the views point into it.
[[nodiscard]] std::vector<JsonMember> members_of(std::string_view object);

/// The elements of `array`, which must be a well-formed JSON array; the views point into it.
[[nodiscard]] std::vector<std::string_view> elements_of(std::string_view array);

/// The length of the string that `text` starts with, including its quotes. `text` must be part of
/// well-formed JSON.
[[nodiscard]] std::size_t json_string_length(std::string_view text);

/// The length of the value that `text` starts with, up to the following comma or bracket. `text`
/// must be part of well-formed JSON.
[[nodiscard]] std::size_t json_value_length(std::string_view text);

/// Decodes a JSON string, given with its quotes. `text` must be well-formed.
[[nodiscard]] std::string text_of_json_string(std::string_view text);

/// Maximum nesting depth of JSON that is accepted: downstream parsers recurse.
inline constexpr std::size_t kDeepestJson = 200;

/// `text` without whitespace between its tokens; nullopt if it is not a single JSON value
/// (RFC 8259), is not UTF-8, nests deeper than kDeepestJson, or has a number beyond the range of a
/// double (1e999), which downstream parsers could not read.
[[nodiscard]] std::optional<std::string> compact_json(std::string_view text);

/// Whether brackets nest deeper than `limit`. Checks nothing else and never recurses.
[[nodiscard]] bool nests_deeper_than(std::string_view json, std::size_t limit);

/// Appends `text` as a quoted JSON string; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// Appends the shortest decimal text that parses back to `value`, always with a fraction ("1.0").
/// `value` must be finite.
void append_json_number(std::string& out, double value);

}  // namespace atlasjob
