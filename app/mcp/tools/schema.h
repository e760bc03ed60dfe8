#pragma once

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

// Output schemas name what a client acts on: the job's id and status, and what steers the next
// call. They allow everything else, which the tools' descriptions and instructions explain: every
// session pays for their length.

/// The members that answers about one job share.
inline constexpr std::string_view kJobIdMember = R"("job_id": {"type": "string"})";
inline constexpr std::string_view kStatusMember =
    R"("status": {"enum": ["queued", "running", "done", "error", "cancelled"]})";
inline constexpr std::string_view kPollingMembers =
    R"("continue_polling": {"type": "boolean"}, "next_poll_seconds": {"type": "integer", "minimum": 1})";
inline constexpr std::string_view kPollingNames = R"("continue_polling", "next_poll_seconds")";

/// The member that get_job adds to the job.
inline constexpr std::string_view kLogTailMember = R"("log_tail": {"type": ["string", "null"]})";

/// The shape of Contract::refuse.
inline constexpr std::string_view kRefusalShape = R"({
        "title": "Refused",
        "type": "object",
        "properties": {
            "error": {"enum": ["authentication_missing", "invalid_parameter", "job_not_found", "rate_limited"]}
        },
        "required": ["error"]
    })";

/// The text around the properties and required names of an answer's shape.
inline constexpr std::string_view kBeforeMembers =
    R"({"type": "object", "anyOf": [{"type": "object", "properties": {)";
inline constexpr std::string_view kBeforeNames = R"(}, "required": [)";
inline constexpr std::string_view kAfterNames = R"(]}, )";
inline constexpr std::string_view kAfterShapes = R"(]})";
inline constexpr std::string_view kComma = ", ";

/// An output schema: an object with at least these members, of which `kNames` are required, or a
/// refusal.
template <const std::string_view& kMembers, const std::string_view& kNames>
inline constexpr std::string_view kAnswerSchema = Joined<
    kBeforeMembers,
    kMembers,
    kBeforeNames,
    kNames,
    kAfterNames,
    kRefusalShape,
    kAfterShapes>::kText;

/// The argument that names a job, for tools that change nothing.
inline constexpr std::string_view kJobArgument =
    R"("job_id": {"type": "string", "description": "A job_id, a job's number such as \"42\", or \"last\": your newest job"})";
/// The same for tools that change the job: "last" might be another one by then.
inline constexpr std::string_view kChangedJobArgument =
    R"("job_id": {"type": "string", "description": "A job_id, or a job's number such as \"42\""})";

}  // namespace atlasjob::mcp
