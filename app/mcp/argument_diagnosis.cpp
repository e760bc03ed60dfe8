#include "mcp/argument_diagnosis.h"

#include "base/text.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestQuote = 100;

const json& member(const json& object, const std::string& key) {
    static const json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

/// "string", "number or null"
std::string type_words(const json& property) {
    const json& type = member(property, "type");
    if (type.is_string()) return type.get<std::string>();
    const auto words =
        type.is_array() ? type.get<std::vector<std::string>>() : std::vector<std::string>{"any"};
    return fmt::format("{}", fmt::join(words, " or "));
}

bool is_whole(const json& value) {
    return value.is_number_integer()
           || (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
}

bool has_type(const json& value, const json& type) {
    if (type.is_array()) {
        return std::ranges::any_of(type, [&](const json& one) { return has_type(value, one); });
    }
    if (type == "integer") return is_whole(value);
    return type.is_null() || type == value.type_name();
}

/// The value, short enough for a sentence.
std::string shown(const json& value) {
    std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() <= kLongestQuote) return text;
    return repair_utf8(text.substr(0, kLongestQuote)) + "...";
}

std::string missing(const std::string& name, const json& property) {
    return fmt::format("{} is missing; it must be given, type {}", name, type_words(property));
}

std::string unknown(const std::string& name, const json& properties) {
    std::vector<std::string_view> known;
    for (const auto& entry : properties.get_ref<const json::object_t&>()) {
        known.push_back(entry.first);
    }
    const std::string_view meant = nearest(name, known);
    return fmt::format(
        "{} is not an argument of this tool{}; its arguments: {}", shown(name),
        meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant), fmt::join(known, ", "));
}

}  // namespace

std::string describe_problems(const json& schema, const json& arguments) {
    static const json no_properties = json::object();
    const json& given = member(schema, "properties");
    const json& properties = given.is_object() ? given : no_properties;
    std::vector<std::string> problems;
    for (const json& name : member(schema, "required")) {
        if (!arguments.contains(name)) problems.push_back(missing(name, member(properties, name)));
    }
    const bool closed = member(schema, "additionalProperties") == false;
    for (const auto& [name, value] : arguments.get_ref<const json::object_t&>()) {
        const json& property = member(properties, name);
        if (property.is_null()) {
            if (closed) problems.push_back(unknown(name, properties));
        } else if (!has_type(value, member(property, "type"))) {
            problems.push_back(
                fmt::format("{} is {}; it must be {}", name, shown(value), type_words(property)));
        }
    }
    return fmt::format("{}", fmt::join(problems, "; "));
}

}  // namespace atlasjob::mcp
