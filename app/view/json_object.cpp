#include "view/json_object.h"

#include "base/json_text.h"

#include <fmt/format.h>

#include <iterator>

namespace atlasjob::view {

namespace {

constexpr std::size_t kIndent = 2;

void break_line(std::string& out, std::size_t depth) {
    out += '\n';
    out.append(depth * kIndent, ' ');
}

/// Whether `json` starts with an empty object or array.
bool starts_with_empty(std::string_view json) {
    return json.starts_with("{}") || json.starts_with("[]");
}

}  // namespace

std::string indented_json(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    while (!json.empty()) {
        std::string_view token = json.substr(0, 1);
        if (token == "\"") token = json.substr(0, json_string_length(json));
        if (starts_with_empty(json)) token = json.substr(0, 2);
        if (token == "}" || token == "]") break_line(out, --depth);
        out += token;
        if (token == ":") out += ' ';
        if (token == "{" || token == "[") break_line(out, ++depth);
        if (token == ",") break_line(out, depth);
        json.remove_prefix(token.size());
    }
    return out;
}

std::string& JsonObject::member(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(out_, key);
    out_ += ':';
    return out_;
}

void JsonObject::null(std::string_view key) {
    member(key) += "null";
}

void JsonObject::text(std::string_view key, std::string_view value) {
    append_json_string(member(key), value);
}

void JsonObject::text(std::string_view key, const std::optional<std::string>& value) {
    if (!value) return null(key);
    text(key, std::string_view{*value});
}

void JsonObject::texts(std::string_view key, std::span<const std::string> values) {
    append_json_array(member(key), values, [](std::string& out, const std::string& value) {
        append_json_string(out, value);
    });
}

void JsonObject::integer(std::string_view key, std::int64_t value) {
    fmt::format_to(std::back_inserter(member(key)), "{}", value);
}

void JsonObject::integer(std::string_view key, const std::optional<std::int64_t>& value) {
    if (!value) return null(key);
    integer(key, *value);
}

void JsonObject::number(std::string_view key, const std::optional<double>& value) {
    if (!value) return null(key);
    append_json_number(member(key), *value);
}

void JsonObject::flag(std::string_view key, bool value) {
    member(key) += value ? "true" : "false";
}

void JsonObject::duration(std::string_view key, const std::optional<milliseconds>& value) {
    if (!value) return null(key);
    integer(key, std::int64_t{value->count()});
}

void JsonObject::time(std::string_view key, const std::optional<Time>& value) {
    if (!value) return null(key);
    text(key, std::string_view{format_time(*value)});
}

void JsonObject::json(std::string_view key, const std::optional<std::string>& json) {
    if (!json) return null(key);
    member(key) += *json;
}

}  // namespace atlasjob::view
