#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// A new job of the principal, which must be set, with default values.
NewJob new_job(const ToolContext& context);

/// Submits the job with the server's provenance labels, ensures that a worker runs it, and returns
/// its envelope once it is durable: {job_id, status_uri, status, next_poll_seconds}. If a job of
/// the principal with the same key is queued or running, returns that job's envelope instead. A job
/// that is stored but cannot be read back is shown as queued, with a note. Throws Error for an
/// invalid job (limits.h) and if the ledger cannot be used; if the job may have been stored, the
/// hint has its job_id.
ToolResult start_job(const ToolContext& context, NewJob job);

/// The envelope of a job, read in any detail. `note` is added if it is not empty.
std::string envelope_json(const ToolContext& context, const Job& job, std::string_view note = {});

/// The output schema of task-capable tools: an envelope, the ended job (the result of a task), or a
/// refusal.
inline constexpr std::string_view kStartSchema = R"({"type": "object", "oneOf": [
    {"title": "The job that was started", "type": "object", "properties": {
        "job_id": {"type": "string"},
        "status_uri": {"type": "string", "description": "The resource to read or subscribe to"},
        "status": {"type": "string", "enum": ["queued", "running", "done", "error", "cancelled"]},
        "next_poll_seconds": {"type": "integer", "minimum": 1, "description": "Wait at least this long before calling get_job_status"},
        "note": {"type": "string", "description": "Why the status may be outdated"}
    }, "required": ["job_id", "status_uri", "status", "next_poll_seconds"], "additionalProperties": false},
    {"title": "The ended job, as get_job returns it: the result of a task", "type": "object", "properties": {
        "job_id": {"type": "string"},
        "status": {"type": "string", "enum": ["done", "error", "cancelled"]},
        "result": {"description": "Any JSON"},
        "error": {"type": ["string", "null"]},
        "exit_code": {"type": ["integer", "null"]},
        "log_tail": {"type": ["string", "null"]}
    }, "required": ["job_id", "status", "result", "error", "exit_code", "log_tail"]},
    {"title": "Why nothing was started", "type": "object", "properties": {
        "error": {"type": "string", "enum": ["authentication_missing", "rate_limited"]},
        "retry_after_seconds": {"type": "integer"}
    }, "required": ["error"], "additionalProperties": false}
]})";

}  // namespace atlasjob::mcp
