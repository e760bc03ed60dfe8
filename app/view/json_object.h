#pragma once

#include "base/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// `json`, which must be compact, in several lines, as JSON.stringify(value, null, 2) and Python's
/// json.dumps with indent=2 write it. Order, numbers and texts stay as they are.
std::string indented_json(std::string_view json);

/// Writes one JSON object at the end of a text, its members in the order they are given. The
/// closing brace comes with the destructor, so objects nest by scope. What is not UTF-8 in a text
/// becomes U+FFFD; stored JSON is spliced in as it is, never parsed again.
class JsonObject {
  public:
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;
    ~JsonObject() { out_ += '}'; }

    void text(std::string_view key, std::string_view value);
    void text(std::string_view key, const std::string& value) {
        text(key, std::string_view{value});
    }
    void text(std::string_view key, const std::optional<std::string>& value);
    void texts(std::string_view key, std::span<const std::string> values);
    void integer(std::string_view key, std::int64_t value);
    void integer(std::string_view key, const std::optional<std::int64_t>& value);
    void number(std::string_view key, const std::optional<double>& value);
    void flag(std::string_view key, bool value);
    void time(std::string_view key, const std::optional<Time>& value);
    /// `json` must be one JSON value; nothing is null.
    void json(std::string_view key, const std::optional<std::string>& json);
    void null(std::string_view key);
    /// Writes the key alone and hands out the text for its value, to be appended at once.
    std::string& member(std::string_view key);

  private:
    std::string& out_;
    bool first_ = true;
};

/// Appends "[…]", each element written by `append(out, element)`.
template <class Elements, class Append>
void append_json_array(std::string& out, const Elements& elements, Append append) {
    out += '[';
    bool first = true;
    for (const auto& element : elements) {
        if (!first) out += ',';
        first = false;
        append(out, element);
    }
    out += ']';
}

}  // namespace atlasjob::view
