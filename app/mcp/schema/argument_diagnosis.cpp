#include "mcp/schema/argument_diagnosis.h"

#include "base/text.h"
#include "mcp/schema/given_arguments.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <vector>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxQuote = 100;

const json& member(const json& object, const std::string& key) {
    static const json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    return fmt::format("{}", fmt::join(words, separator));
}

/// "string", "number or null"; empty if any type is allowed.
std::string type_words(const json& property) {
    const json& type = member(property, "type");
    if (type.is_string()) return type.get<std::string>();
    return type.is_array() ? joined(type.get<std::vector<std::string>>(), " or ") : std::string{};
}

bool has_type(const json& value, const json& type) {
    if (type.is_array()) {
        return std::ranges::any_of(type, [&](const json& one) { return has_type(value, one); });
    }
    if (type == "integer") return is_whole(value);
    return type.is_null() || type == value.type_name();
}

/// As the validator does it: an invalid pattern matches everything.
bool matches(const std::string& text, const json& pattern) {
    try {
        return std::regex_search(text, std::regex{pattern.get<std::string>()});
    } catch (const std::regex_error&) {
        return true;
    }
}

/// The value, shortened to fit into a sentence.
std::string shown(const json& value) {
    std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() <= kMaxQuote) return text;
    return repair_utf8(text.substr(0, kMaxQuote)) + "...";
}

std::string number_text(const json& number) {
    return number.dump();
}

/// "one of fast, slow"
std::string choice_words(const json& choices) {
    std::vector<std::string> words;
    for (const json& choice : choices)
        words.push_back(choice.is_string() ? choice.get<std::string>() : choice.dump());
    return "one of " + joined(words, ", ");
}

/// "from 1 to 100", "at least 1"; either bound may be null.
std::string range_words(const json& min, const json& max) {
    if (min.is_null()) return "at most " + number_text(max);
    if (max.is_null()) return "at least " + number_text(min);
    return fmt::format("from {} to {}", number_text(min), number_text(max));
}

bool is_outside(double value, const json& min, const json& max) {
    return (min.is_number() && value < min.get<double>())
           || (max.is_number() && value > max.get<double>());
}

/// In characters, as JSON Schema counts.
double length_of(std::string_view text) {
    double length = 0;
    while (!text.empty()) {
        text.remove_prefix(std::max<std::size_t>(utf8_length(text), 1));
        ++length;
    }
    return length;
}

/// The constraint that a value of the right type violates: "one of fast, slow". Empty if none.
std::string violated_constraint(const json& value, const json& schema) {
    const auto bounds = [&](double size, const char* min_key, const char* max_key,
                            std::string_view unit) -> std::string {
        const json& min = member(schema, min_key);
        const json& max = member(schema, max_key);
        return is_outside(size, min, max) ? range_words(min, max).append(unit) : "";
    };
    const json& choices = member(schema, "enum");
    if (choices.is_array() && std::ranges::find(choices, value) == choices.end())
        return choice_words(choices);
    if (value.is_number()) return bounds(value.get<double>(), "minimum", "maximum", "");
    if (value.is_array()) {
        return bounds(static_cast<double>(value.size()), "minItems", "maxItems", " elements long");
    }
    if (!value.is_string()) return {};
    const auto& text = value.get_ref<const std::string&>();
    std::string length = bounds(length_of(text), "minLength", "maxLength", " characters long");
    const json& pattern = member(schema, "pattern");
    if (!length.empty() || !pattern.is_string()) return length;
    return matches(text, pattern) ? "" : "a string that matches " + pattern.get<std::string>();
}

std::string missing(const std::string& name, const json& property) {
    const json& choices = member(property, "enum");
    const std::string words = choices.is_array() ? choice_words(choices) : type_words(property);
    return fmt::format(
        "{} is missing{}{}", name,
        words.empty()        ? ""
        : choices.is_array() ? "; it must be "
                             : "; it must be of type ",
        words);
}

std::string unknown(const std::string& name, const json& properties) {
    std::vector<std::string_view> known;
    for (const auto& entry : properties.get_ref<const json::object_t&>()) {
        known.push_back(entry.first);
    }
    const std::string_view suggestion = nearest(name, known);
    return fmt::format(
        "{} is not an argument{}; the arguments: {}", shown(name),
        suggestion.empty() ? "" : fmt::format(" (did you mean {}?)", suggestion),
        fmt::join(known, ", "));
}

void add_problems(
    std::vector<std::string>& problems,
    const std::string& name,
    const json& value,
    const json& schema);

/// Adds the problems of an array's elements or an object's members.
void add_inner_problems(
    std::vector<std::string>& problems,
    const std::string& name,
    const json& value,
    const json& schema) {
    const json& shared = member(schema, value.is_array() ? "items" : "additionalProperties");
    const json& properties = member(schema, "properties");
    for (const auto& [key, inner] : value.items()) {
        const json& named = value.is_object() ? member(properties, key) : shared;
        const std::string path =
            value.is_array() ? fmt::format("{}[{}]", name, key) : fmt::format("{}.{}", name, key);
        add_problems(problems, path, inner, named.is_null() ? shared : named);
    }
}

void add_problems(
    std::vector<std::string>& problems,
    const std::string& name,
    const json& value,
    const json& schema) {
    if (!schema.is_object()) return;
    std::string expected;
    if (!has_type(value, member(schema, "type"))) {
        expected = type_words(schema);
    } else {
        expected = violated_constraint(value, schema);
    }
    if (!expected.empty()) {
        problems.push_back(fmt::format("{} is {}; it must be {}", name, shown(value), expected));
    } else if (value.is_structured()) {
        add_inner_problems(problems, name, value, schema);
    }
}

}  // namespace

std::string describe_problems(const json& schema, const json& arguments) {
    static const json no_properties = json::object();
    const json& declared = member(schema, "properties");
    const json& properties = declared.is_object() ? declared : no_properties;
    std::vector<std::string> problems;
    for (const json& name : member(schema, "required")) {
        if (!arguments.contains(name)) problems.push_back(missing(name, member(properties, name)));
    }
    const bool closed = member(schema, "additionalProperties") == false;
    for (const auto& [name, value] : arguments.get_ref<const json::object_t&>()) {
        const json& property = member(properties, name);
        if (property.is_null()) {
            if (closed) problems.push_back(unknown(name, properties));
        } else {
            add_problems(problems, name, value, property);
        }
    }
    return joined(problems, "; ");
}

}  // namespace atlasjob::mcp
