// The only file that includes valijson: it takes many times as long to compile as any other.
#include "mcp/schema/argument_check.h"

#include "base/error.h"
#include "ledger/limits.h"
#include "mcp/schema/argument_diagnosis.h"
#include "mcp/schema/given_arguments.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

constexpr std::size_t kShownBytes = 100;  ///< The part of a name that messages show.

/// Whether `schema` contains a regular expression, at any depth.
bool uses_pattern(const json& schema) {
    if (!schema.is_structured()) return false;
    if (schema.contains("pattern") || schema.contains("patternProperties")) return true;
    return std::any_of(schema.begin(), schema.end(), uses_pattern);
}

bool is_long(std::string_view text) {
    return text.size() > kMaxPatternText;
}

/// Whether `value` contains a long string or a long name, at any depth.
bool holds_long_text(const json& value) {
    if (value.is_string()) return is_long(value.get_ref<const std::string&>());
    if (!value.is_structured()) return false;
    if (std::any_of(value.begin(), value.end(), holds_long_text)) return true;
    return value.is_object()
           && std::ranges::any_of(value.get_ref<const json::object_t&>(), [](const auto& entry) {
                  return is_long(entry.first);
              });
}

/// Whether a regular expression may be applied to the argument of that name or to a part of it.
bool tries_pattern_on(const json& schema, const std::string& name) {
    const bool elsewhere =
        std::ranges::any_of(schema.get_ref<const json::object_t&>(), [](const auto& member) {
            return member.first == "patternProperties"
                   || (member.first != "properties" && uses_pattern(member.second));
        });
    const auto properties = schema.find("properties");
    if (elsewhere || properties == schema.end()) return elsewhere;
    const auto own = properties->find(name);
    return own != properties->end() && uses_pattern(*own);
}

std::string long_text_problem(const json& schema, const json& arguments) {
    for (const auto& [name, value] : arguments.items()) {
        const bool too_long = tries_pattern_on(schema, name) && holds_long_text(value);
        if (!is_long(name) && !too_long) continue;
        return fmt::format(
            "{} is longer than {} bytes; it must be shorter", clipped(name, kShownBytes),
            kMaxPatternText);
    }
    return {};
}

std::string first_error(const valijson::ValidationResults& results) {
    if (results.numErrors() == 0) return "they do not match the tool's input schema";
    const auto& error = *results.begin();
    return fmt::format("{}: {}", fmt::join(error.context, ""), error.description);
}

}  // namespace

struct ArgumentCheck::Compiled {
    json document;
    valijson::Schema schema;
    bool tries_patterns = false;
};

ArgumentCheck::ArgumentCheck(std::string_view schema_json)
    : compiled_(std::make_unique<Compiled>()) {
    try {
        compiled_->document = json::parse(schema_json);
        const NlohmannJsonAdapter adapter{compiled_->document};
        valijson::SchemaParser{}.populateSchema(adapter, compiled_->schema);
    } catch (const std::exception& error) {
        throw Error(ErrorCode::internal, fmt::format("not a JSON schema: {}", error.what()));
    }
    compiled_->tries_patterns = uses_pattern(compiled_->document);
}

ArgumentCheck::ArgumentCheck(ArgumentCheck&&) noexcept = default;
ArgumentCheck& ArgumentCheck::operator=(ArgumentCheck&&) noexcept = default;
ArgumentCheck::~ArgumentCheck() = default;

json ArgumentCheck::given(const json& arguments) const {
    return given_arguments(compiled_->document, arguments);
}

std::string ArgumentCheck::problem(const json& arguments) const {
    if (compiled_->tries_patterns) {
        std::string text = long_text_problem(compiled_->document, arguments);
        if (!text.empty()) return text;
    }
    const NlohmannJsonAdapter target{arguments};
    valijson::Validator validator;
    if (validator.validate(compiled_->schema, target, nullptr)) return {};
    std::string text = describe_problems(compiled_->document, arguments);
    if (!text.empty()) return text;
    valijson::ValidationResults results;
    validator.validate(compiled_->schema, target, &results);
    return first_error(results);
}

}  // namespace atlasjob::mcp
