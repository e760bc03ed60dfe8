#pragma once

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

}  // namespace atlasjob
