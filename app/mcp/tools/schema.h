#pragma once

#include "mcp/tools/job_schema.h"

#include <array>
#include <string_view>

namespace atlasjob::mcp {

/// Joins texts at compile time: `Joined<kA, kB>::kText`. Lets tools share parts of their schemas.
template <const std::string_view&... kParts>
struct Joined {
  private:
    static constexpr auto kCharacters = [] {
        std::array<char, (kParts.size() + ...)> characters{};
        auto* out = characters.data();
        const auto append = [&](std::string_view part) {
            for (const char c : part)
                *out++ = c;
        };
        (append(kParts), ...);
        return characters;
    }();

  public:
    static constexpr std::string_view kText{kCharacters.data(), kCharacters.size()};
};

/// The members for polling.
inline constexpr std::string_view kPollingMembers = R"(
    "continue_polling": {"type": "boolean", "description": "false once the status is terminal"},
    "next_poll_seconds": {"type": "integer", "minimum": 1, "description": "Wait at least this long before polling again"})";

inline constexpr std::string_view kPollingNames = R"("continue_polling", "next_poll_seconds")";

/// The member that get_job adds to the job.
inline constexpr std::string_view kLogTailMember = R"(
    "log_tail": {"type": ["string", "null"], "description": "The last lines of its output, when the status is error"})";

/// The shape of Contract::refuse.
inline constexpr std::string_view kRefusalShape = R"({
        "title": "The error",
        "type": "object",
        "properties": {
            "error": {"type": "string", "enum": ["authentication_missing", "invalid_parameter", "job_not_found", "rate_limited"]},
            "parameter": {"type": "string", "description": "The malformed argument"},
            "job_id": {"type": "string", "description": "The id that was not found"},
            "retry_after_seconds": {"type": "integer", "description": "For rate_limited: when to try again"}
        },
        "required": ["error"],
        "additionalProperties": false
    })";

/// The text around the properties and required names of an answer's shape.
inline constexpr std::string_view kBeforeMembers =
    R"({"type": "object", "oneOf": [{"title": "The answer", "type": "object", "properties": {)";
inline constexpr std::string_view kBeforeNames = R"(}, "required": [)";
inline constexpr std::string_view kAfterNames = R"(], "additionalProperties": false}, )";
inline constexpr std::string_view kAfterShapes = R"(]})";
inline constexpr std::string_view kComma = ", ";

/// An output schema: an object with these members, all required, or a refusal.
template <const std::string_view& kMembers, const std::string_view& kNames>
inline constexpr std::string_view kAnswerSchema = Joined<
    kBeforeMembers,
    kMembers,
    kBeforeNames,
    kNames,
    kAfterNames,
    kRefusalShape,
    kAfterShapes>::kText;

/// The argument with a job's id.
inline constexpr std::string_view kJobIdArgument =
    R"("job_id": {"type": "string", "description": "The job_id exactly as returned, e.g. 01a20320-a2fb-7a02-b2c2-1d3e4f506071"})";

}  // namespace atlasjob::mcp
