#include "mcp/actions/input_schema.h"

#include "base/error.h"
#include "mcp/actions/pattern_check.h"
#include "mcp/actions/placeholders.h"
#include "mcp/schema/argument_check.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = 4096;

void refuse_reference(const FileValue& schema) {
    if (!schema.has("$ref")) return;
    schema.at("$ref").refuse(
        "references are not supported", "write the schema out where it is used");
}

void check_schema(const FileValue& schema);

void check_inner(const FileValue& schema) {
    if (schema.has("items")) check_schema(schema.at("items"));
    if (schema.has("additionalProperties")
        && !schema.json().at("additionalProperties").is_boolean())
        check_schema(schema.at("additionalProperties"));
    if (!schema.has("properties")) return;
    const FileValue properties = schema.at("properties");
    properties.require_object();
    for (const auto& entry : properties.json().get_ref<const json::object_t&>())
        check_schema(properties.at(entry.first));
}

void check_schema(const FileValue& schema) {
    schema.require_object();
    refuse_reference(schema);
    schema.require_members(
        {"type",
         "title",
         "description",
         "default",
         "examples",
         "enum",
         "const",
         "minimum",
         "maximum",
         "exclusiveMinimum",
         "exclusiveMaximum",
         "multipleOf",
         "minLength",
         "maxLength",
         "pattern",
         "items",
         "minItems",
         "maxItems",
         "uniqueItems",
         "properties",
         "required",
         "additionalProperties"});
    if (schema.has("pattern")) {
        const FileValue pattern = schema.at("pattern");
        const std::string problem = pattern_problem(pattern.text());
        if (!problem.empty())
            pattern.refuse(problem, "use a simpler pattern or an enum, or check in the command");
    }
    check_inner(schema);
}

/// Parameters must be usable as placeholders, and their defaults must match the schema.
void check_parameter(const FileValue& parameter, const std::string& name) {
    if (!is_parameter_name(name)) {
        parameter.refuse(
            "not a parameter name", "give 1-64 letters, digits and _, not beginning with a digit");
    }
    if (!parameter.has("default")) return;
    const json schema = {{"type", "object"}, {"properties", {{name, parameter.json()}}}};
    const std::string problem =
        ArgumentCheck{schema.dump()}.problem({{name, parameter.json().at("default")}});
    if (!problem.empty())
        parameter.at("default").refuse(problem, "give a default that matches the schema");
}

void check_root(const FileValue& input) {
    input.require_object();
    refuse_reference(input);
    input.require_members(
        {"type", "title", "description", "properties", "required", "additionalProperties"});
    if (!input.has("type") || input.json().at("type") != "object")
        input.refuse("must be the schema of an object", "add \"type\": \"object\"");
    if (input.has("additionalProperties") && input.json().at("additionalProperties") != false) {
        input.at("additionalProperties")
            .refuse("additional arguments would be ignored", "set it to false, or omit it");
    }
}

/// A name in `required` that is not a parameter would make every call fail.
void check_required(const FileValue& input) {
    if (!input.has("required")) return;
    const FileValue required = input.at("required");
    required.require_array();
    for (std::size_t at = 0; at < required.json().size(); ++at) {
        const std::string& name = required.at(at).text(kMaxText);
        if (!input.has("properties") || !input.json().at("properties").contains(name))
            required.at(at).refuse("not among the properties", "declare it there");
    }
}

/// Any other error is found by the validator that will use the schema.
void check_as_whole(const FileValue& input, const std::string& schema) {
    try {
        const ArgumentCheck check{schema};
        static_cast<void>(check.problem(json::object()));
    } catch (const Error& error) {
        input.refuse(error.message(), "see json-schema.org for the values of each keyword");
    }
}

}  // namespace

ActionInput read_input(const FileValue& input) {
    check_root(input);
    json schema = input.json();
    schema["additionalProperties"] = false;
    if (!schema.contains("properties")) schema["properties"] = json::object();
    check_inner(input);
    check_required(input);
    ActionInput read{schema.dump(), {}};
    check_as_whole(input, read.schema);
    if (!input.has("properties")) return read;
    const FileValue properties = input.at("properties");
    for (const auto& [name, parameter] : properties.json().get_ref<const json::object_t&>()) {
        check_parameter(properties.at(name), name);
        const json fallback = parameter.value("default", json(nullptr));
        read.parameters[name] = fallback.is_null() ? std::nullopt : std::optional{fallback.dump()};
    }
    return read;
}

}  // namespace atlasjob::mcp
