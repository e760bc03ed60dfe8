#include "mcp/actions/parameter_shape.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

/// No program reads a text that begins with such a character as an option, an operator or the end
/// of a command.
bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '/';
}

bool begins_plainly(const json& value) {
    if (value.is_boolean()) return true;
    // Not >= 0: -0.0 begins with a sign.
    if (value.is_number()) return value > 0;
    return value.is_string() && !value.get_ref<const std::string&>().empty()
           && is_plain(value.get_ref<const std::string&>().front());
}

/// Whether the content of a [class] allows plain characters only: single ones, and ranges of
/// letters or digits.
bool is_plain_class(std::string_view inside) {
    if (inside.empty()) return false;
    for (std::size_t at = 0; at < inside.size(); ++at) {
        if (!is_plain(inside[at])) return false;
        const bool is_range = at + 2 < inside.size() && inside[at + 1] == '-';
        if (!is_range) continue;
        const char from = inside[at];
        const char to = inside[at + 2];
        const bool within =
            (from >= 'a' && to <= 'z') || (from >= 'A' && to <= 'Z') || (from >= '0' && to <= '9');
        if (!within) return false;
        at += 2;
    }
    return true;
}

/// Whether the repetition at the start of `rest` allows zero occurrences.
bool may_be_absent(std::string_view rest) {
    return rest.starts_with('*') || rest.starts_with('?') || rest.starts_with("{0")
           || rest.starts_with("{,");
}

/// Whether every match of a pattern begins with a plain character. Errs on the side of false.
bool pattern_begins_plainly(std::string_view pattern) {
    if (!pattern.starts_with('^') || pattern.find('|') != std::string_view::npos) return false;
    pattern.remove_prefix(1);
    if (pattern.empty()) return false;
    if (pattern.starts_with("\\d") || pattern.starts_with("\\w"))
        return !may_be_absent(pattern.substr(2));
    if (pattern[0] != '[') return is_plain(pattern[0]) && !may_be_absent(pattern.substr(1));
    const std::size_t end = pattern.find(']');
    return end != std::string_view::npos && is_plain_class(pattern.substr(1, end - 1))
           && !may_be_absent(pattern.substr(end + 1));
}

bool all_begin_plainly(const json& schema) {
    if (schema.contains("const")) return begins_plainly(schema["const"]);
    if (schema.contains("enum"))
        return schema["enum"].is_array() && std::ranges::all_of(schema["enum"], begins_plainly);
    const json type = schema.value("type", json());
    if (type == "boolean") return true;
    if (type == "integer" || type == "number")
        return schema.contains("minimum") && begins_plainly(schema["minimum"]);
    return type == "string" && schema.contains("pattern") && schema["pattern"].is_string()
           && pattern_begins_plainly(schema["pattern"].get_ref<const std::string&>());
}

bool is_required(const json& schema, const std::string& name) {
    const json names = schema.value("required", json::array());
    return names.is_array() && std::ranges::find(names, json(name)) != names.end();
}

/// Whether the type is a single one whose values become one argument.
bool has_simple_type(const json& schema) {
    const json type = schema.value("type", json());
    return type == "string" || type == "integer" || type == "number" || type == "boolean";
}

ParameterShape shape_of(const json& schema, bool required) {
    if (!schema.is_object() || !has_simple_type(schema)) return {};
    const bool has_default = schema.contains("default") && !schema["default"].is_null();
    return {
        .always_given = required || has_default,
        .may_be_list = false,
        .may_begin_option = !all_begin_plainly(schema)};
}

}  // namespace

std::map<std::string, ParameterShape> shapes_of(const json& schema) {
    std::map<std::string, ParameterShape> shapes;
    if (!schema.contains("properties")) return shapes;
    for (const auto& [name, parameter] : schema["properties"].items())
        shapes[name] = shape_of(parameter, is_required(schema, name));
    return shapes;
}

}  // namespace atlasjob::mcp
