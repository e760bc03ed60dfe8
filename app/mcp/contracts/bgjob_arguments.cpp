#include "mcp/contracts/bgjob.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::size_t kShownBytes = 50;  ///< The part of a value that upstream's validator shows.

/// A character in a Python string literal.
std::string python_character(char c, char quote) {
    switch (c) {
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            break;
    }
    if (c == quote || c == '\\') return {'\\', c};
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return fmt::format("\\x{:02x}", c);
    return {c};
}

/// A string as Python's repr writes it.
std::string python_text(std::string_view text) {
    const bool has_single = text.find('\'') != std::string_view::npos;
    const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string quoted{quote};
    for (const char c : text)
        quoted += python_character(c, quote);
    return quoted + quote;
}

/// A value as Python's repr writes it.
std::string python_value(const json& value) {
    if (value.is_null()) return "None";
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    if (value.is_string()) return python_text(value.get_ref<const std::string&>());
    if (!value.is_structured()) return value.dump();
    std::string text;
    for (const auto& [key, element] : value.items()) {
        if (!text.empty()) text += ", ";
        if (value.is_object()) text += python_text(key) + ": ";
        text += python_value(element);
    }
    return value.is_object() ? fmt::format("{{{}}}", text) : fmt::format("[{}]", text);
}

std::string shown(const json& value) {
    std::string text = python_value(value);
    if (text.size() <= kShownBytes) return text;
    const std::size_t half = kShownBytes / 2;
    return fmt::format("{}...{}", text.substr(0, half), text.substr(text.size() - half + 1));
}

std::string_view python_type(const json& value) {
    switch (value.type()) {
        case json::value_t::null:
            return "NoneType";
        case json::value_t::boolean:
            return "bool";
        case json::value_t::string:
            return "str";
        case json::value_t::array:
            return "list";
        case json::value_t::object:
            return "dict";
        case json::value_t::number_float:
            return "float";
        default:
            return "int";
    }
}

/// Why an argument is invalid: a sentence, and the validator's name for the error.
struct Fault {
    std::string sentence;
    std::string_view name;
};

/// The error of a value that violates the schema of its argument, if any.
std::optional<Fault> fault_of(const json& value, const json& schema) {
    if (schema.at("type") == "string") {
        if (value.is_string()) return {};
        return Fault{"Input should be a valid string", "string_type"};
    }
    if (!value.is_number_integer()) return Fault{"Input should be a valid integer", "int_type"};
    const auto number = value.get<std::int64_t>();
    if (number < schema.at("minimum").get<std::int64_t>()) {
        return Fault{
            fmt::format("Input should be greater than or equal to {}", schema.at("minimum").dump()),
            "greater_than_equal"};
    }
    if (number > schema.at("maximum").get<std::int64_t>()) {
        return Fault{
            fmt::format("Input should be less than or equal to {}", schema.at("maximum").dump()),
            "less_than_equal"};
    }
    return {};
}

std::string entry(std::string_view argument, const Fault& fault, const json& value) {
    return fmt::format(
        "\n{}\n  {} [type={}, input_value={}, input_type={}]\n    For further information visit "
        "https://errors.pydantic.dev/2.11/v/{}",
        argument, fault.sentence, fault.name, shown(value), python_type(value), fault.name);
}

bool is_required(const json& schema, const std::string& argument) {
    const json required = schema.value("required", json::array());
    return std::find(required.begin(), required.end(), argument) != required.end();
}

}  // namespace

ToolResult bgjob_bad_arguments(const ToolContext& /*context*/, const BadCall& call) {
    const json schema = json::parse(call.tool.input_schema);
    std::string entries;
    int faults = 0;
    for (const auto& [argument, expected] : schema.at("properties").items()) {
        const auto value = call.arguments.find(argument);
        std::optional<Fault> fault;
        if (value != call.arguments.end()) {
            fault = fault_of(*value, expected);
        } else if (is_required(schema, argument)) {
            fault = Fault{"Missing required argument", "missing_argument"};
        }
        if (!fault) continue;
        entries += entry(argument, *fault, value == call.arguments.end() ? call.arguments : *value);
        ++faults;
    }
    return bgjob_failure(fmt::format(
        "{} validation error{} for call[{}]{}", faults, faults == 1 ? "" : "s", call.tool.name,
        entries));
}

}  // namespace atlasjob::mcp
