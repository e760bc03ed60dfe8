#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// A member of a JSON object; its value as the text that stands there.
struct JsonMember {
    std::string key;
    std::string_view value;
};

/// The members of `object`, in their order, as often as they come. `object` must be a well-formed
/// JSON object; the views point into it.
std::vector<JsonMember> members_of(std::string_view object);

/// The elements of `array`, which must be a well-formed JSON array; the views point into it.
std::vector<std::string_view> elements_of(std::string_view array);

/// The length of the string at the front of `text`, its quotes included. `text` is part of
/// well-formed JSON.
std::size_t json_string_length(std::string_view text);

/// The length of the value at the front of `text`: up to the comma or bracket that follows it.
/// `text` is part of well-formed JSON.
std::size_t json_value_length(std::string_view text);

/// What a JSON string with its quotes says. `text` must be a well-formed one.
std::string text_of_json_string(std::string_view text);

/// JSON handled as text: values are stored and passed on exactly as they were given (numbers of
/// any size, key order, duplicate keys), so a result never changes on its way through the ledger.

/// Deeper JSON is refused: readers downstream recurse.
inline constexpr std::size_t kDeepestJson = 200;

/// `text` without white space between its tokens, or nothing when it is not one JSON value
/// (RFC 8259), is not UTF-8, nests deeper than kDeepestJson, or has a number beyond a double's
/// range (1e999), which readers downstream could not take.
std::optional<std::string> compact_json(std::string_view text);

/// Whether brackets nest deeper than `limit`; looks at nothing else and never recurses.
bool nests_deeper_than(std::string_view json, std::size_t limit);

/// Appends `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// Appends the shortest decimal text that reads back to `value`, always with a fraction ("1.0").
/// `value` must be finite.
void append_json_number(std::string& out, double value);

}  // namespace atlasjob
