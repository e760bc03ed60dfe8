#include "mcp/schema/given_arguments.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

/// Beyond that, not every integer is a double, and the conversion could overflow.
constexpr double kMaxExact = 9'007'199'254'740'992;

const json* member(const json& schema, const char* key) {
    if (!schema.is_object()) return nullptr;
    const auto found = schema.find(key);
    return found == schema.end() ? nullptr : &*found;
}

/// Whether the schema's "type" names this one.
bool names_type(const json& schema, std::string_view type) {
    const json* const types = member(schema, "type");
    if (types == nullptr) return false;
    return *types == type
           || (types->is_array()
               && std::ranges::any_of(*types, [&](const json& one) { return one == type; }));
}

bool allows_null(const json& schema) {
    const json* const choices = member(schema, "enum");
    if (choices != nullptr && choices->is_array())
        return std::ranges::any_of(*choices, [](const json& one) { return one.is_null(); });
    if (member(schema, "const") != nullptr) return member(schema, "const")->is_null();
    return member(schema, "type") == nullptr || names_type(schema, "null");
}

void make_integers(json& value, const json& schema);

void make_integers_within(json& value, const json& schema) {
    const json* const properties = member(schema, "properties");
    const json* const others = member(schema, value.is_array() ? "items" : "additionalProperties");
    for (const auto& entry : value.items()) {
        const json* named = value.is_object() && properties != nullptr
                                ? member(*properties, entry.key().c_str())
                                : nullptr;
        if (named == nullptr) named = others;
        if (named != nullptr) make_integers(entry.value(), *named);
    }
}

void make_integers(json& value, const json& schema) {
    if (value.is_structured()) return make_integers_within(value, schema);
    if (!value.is_number_float() || !is_whole(value) || !names_type(schema, "integer")) return;
    const auto number = value.get<double>();
    if (std::abs(number) <= kMaxExact) value = static_cast<std::int64_t>(number);
}

bool is_required(const json& schema, const std::string& name) {
    const json* const required = member(schema, "required");
    return required != nullptr && required->is_array()
           && std::ranges::find(*required, json(name)) != required->end();
}

}  // namespace

bool is_whole(const json& value) {
    return value.is_number_integer()
           || (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
}

json given_arguments(const json& schema, const json& arguments) {
    json given = arguments;
    make_integers(given, schema);
    const json* const properties = member(schema, "properties");
    if (properties == nullptr) return given;
    for (const auto& [name, argument] : arguments.items()) {
        const json* const property = member(*properties, name.c_str());
        if (argument.is_null() && property != nullptr && !allows_null(*property)
            && !is_required(schema, name))
            given.erase(name);
    }
    return given;
}

}  // namespace atlasjob::mcp
