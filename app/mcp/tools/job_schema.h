#pragma once

#include "ledger/job_fields.h"

#include <array>
#include <string_view>

namespace atlasjob::mcp {

/// The JSON Schema of a job as JSON (view/job_json.h), made at compile time from the table of its
/// fields.
namespace job_schema {

/// Counts or writes the characters of a text.
class Writer {
  public:
    /// Counts only if `out` is nullptr.
    constexpr explicit Writer(char* out) : out_(out) {}

    template <class... Texts>
    constexpr void add(const Texts&... texts) {
        (add_one(texts), ...);
    }
    constexpr std::size_t length() const { return length_; }

  private:
    constexpr void add_one(std::string_view text) {
        for (const char c : text) {
            if (out_ != nullptr) out_[length_] = c;
            ++length_;
        }
    }

    char* out_;
    std::size_t length_ = 0;
};

/// The name of a type in JSON Schema; empty for any JSON.
constexpr std::string_view type_name(FieldType type) {
    switch (type) {
        case FieldType::json:
            return {};
        case FieldType::integer:
        case FieldType::duration:
        case FieldType::account:
            return "integer";
        case FieldType::fraction:
            return "number";
        case FieldType::flag:
            return "boolean";
        case FieldType::labels:
        case FieldType::process:
        case FieldType::usage:
            return "object";
        case FieldType::ids:
        case FieldType::texts:
            return "array";
        case FieldType::id:
        case FieldType::text:
        case FieldType::time:
        case FieldType::status:
        case FieldType::reason:
            return "string";
    }
    return {};
}

/// What a schema says beyond the type, with a leading comma.
constexpr std::string_view constraint(FieldType type) {
    switch (type) {
        case FieldType::fraction:
            return R"(, "minimum": 0, "maximum": 1)";
        case FieldType::status:
            return R"(, "enum": ["queued", "running", "done", "error", "cancelled"])";
        case FieldType::labels:
            return R"(, "additionalProperties": {"type": "string"})";
        case FieldType::ids:
        case FieldType::texts:
            return R"(, "items": {"type": "string"})";
        default:
            return {};
    }
}

constexpr void add_schema(Writer& out, const FieldInfo& field) {
    const std::string_view type = type_name(field.type);
    if (!type.empty() && field.nullable) out.add(R"("type": [")", type, R"(", "null"])");
    if (!type.empty() && !field.nullable) out.add(R"("type": ")", type, R"(")");
    out.add(constraint(field.type));
    if (field.description.empty()) return;
    out.add(type.empty() ? "" : ", ", R"("description": ")", field.description, R"(")");
}

struct Members {
    static constexpr void add(Writer& out, const FieldInfo& field) {
        out.add("\n    \"", field.name, "\": {");
        add_schema(out, field);
        out.add("}");
    }
};

struct Names {
    static constexpr void add(Writer& out, const FieldInfo& field) {
        out.add("\"", field.name, "\"");
    }
};

/// What `Part` adds for each shown field, separated by `separator`.
template <class Part>
constexpr std::size_t write(char* characters, std::string_view separator) {
    Writer out{characters};
    for (std::size_t i = 0; i < kShownFields; ++i) {
        if (i > 0) out.add(separator);
        Part::add(out, kJobFieldInfos[i]);
    }
    return out.length();
}

template <class Part, const std::string_view& kSeparator>
inline constexpr auto kCharacters = [] {
    std::array<char, write<Part>(nullptr, kSeparator)> characters{};
    write<Part>(characters.data(), kSeparator);
    return characters;
}();

inline constexpr std::string_view kBetweenMembers = ",";
inline constexpr std::string_view kBetweenNames = ", ";
inline constexpr const auto& kMembers = kCharacters<Members, kBetweenMembers>;
inline constexpr const auto& kNames = kCharacters<Names, kBetweenNames>;

}  // namespace job_schema

/// The members of a job, as the "properties" of a schema without their braces, and their names, as
/// its "required" without its brackets.
inline constexpr std::string_view kJobMembers{
    job_schema::kMembers.data(), job_schema::kMembers.size()};
inline constexpr std::string_view kJobNames{job_schema::kNames.data(), job_schema::kNames.size()};

}  // namespace atlasjob::mcp
