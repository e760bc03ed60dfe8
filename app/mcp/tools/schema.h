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

/// The members of a job as JSON (view/job_json.h), and their names.
inline constexpr std::string_view kJobMembers = R"(
    "job_id": {"type": "string"},
    "seq": {"type": "integer", "description": "The job's number, for people and the command line"},
    "kind": {"type": "string"},
    "name": {"type": ["string", "null"]},
    "target": {"description": "Any JSON: what the work is about"},
    "owner": {"type": "string"},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "status": {"type": "string", "enum": ["queued", "running", "done", "error", "cancelled"], "description": "The last three are terminal"},
    "reason": {"type": ["string", "null"], "description": "Why it has this status, if the status alone does not say"},
    "progress": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "phase": {"type": ["string", "null"]},
    "message": {"type": ["string", "null"]},
    "current": {"type": ["integer", "null"]},
    "total": {"type": ["integer", "null"]},
    "created_at": {"type": "string", "description": "Times are UTC, e.g. 2026-11-22T12:00:01.000Z"},
    "run_after": {"type": ["string", "null"]},
    "started_at": {"type": ["string", "null"]},
    "updated_at": {"type": "string"},
    "ended_at": {"type": ["string", "null"]},
    "expires_at": {"type": ["string", "null"], "description": "When an ended job may be deleted"},
    "result": {"description": "Any JSON; null until the status is terminal"},
    "error": {"type": ["string", "null"], "description": "One sentence; null until the status is terminal"},
    "error_code": {"type": ["string", "null"]},
    "exit_code": {"type": ["integer", "null"]},
    "signal": {"type": ["string", "null"]},
    "queue": {"type": "string"},
    "priority": {"type": "integer"},
    "attempt": {"type": "integer"},
    "max_attempts": {"type": "integer"},
    "timeout_ms": {"type": ["integer", "null"]},
    "cancel_requested_at": {"type": ["string", "null"]},
    "key": {"type": ["string", "null"]},
    "after": {"type": "array", "items": {"type": "string"}},
    "command": {"type": "array", "items": {"type": "string"}},
    "cwd": {"type": ["string", "null"]},
    "worker": {"type": ["object", "null"]},
    "stale": {"type": "boolean", "description": "true: running, but its worker has been silent for too long"},
    "log_bytes": {"type": "integer"},
    "rev": {"type": "integer"})";

inline constexpr std::string_view kJobNames =
    R"("job_id", "seq", "kind", "name", "target", "owner", "labels", "status", "reason", "progress", "phase", "message", "current", "total", "created_at", "run_after", "started_at", "updated_at", "ended_at", "expires_at", "result", "error", "error_code", "exit_code", "signal", "queue", "priority", "attempt", "max_attempts", "timeout_ms", "cancel_requested_at", "key", "after", "command", "cwd", "worker", "stale", "log_bytes", "rev")";

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
