#pragma once

#include "base/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// Formats compact JSON in several lines, like JSON.stringify(value, null, 2) and Python's
/// json.dumps with indent=2. Order, numbers and strings are unchanged.
std::string indented_json(std::string_view json);

/// Appends a JSON object to a string, with members in call order. The destructor writes the closing
/// brace, so objects nest by scope. Invalid UTF-8 becomes U+FFFD; stored JSON is copied without
/// parsing.
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
    /// In milliseconds.
    void duration(std::string_view key, const std::optional<milliseconds>& value);
    void time(std::string_view key, const std::optional<Time>& value);
    /// `json` must be one JSON value; nullopt is written as null.
    void json(std::string_view key, const std::optional<std::string>& json);
    void null(std::string_view key);
    /// Writes the key and returns the string to which the caller must append the value immediately.
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
