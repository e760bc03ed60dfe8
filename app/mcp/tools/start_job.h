#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// A job of the principal, who must be there, with nothing said of it yet.
NewJob new_job(const ToolContext& context);

/// Records the job with the server's provenance, sees to it that somebody runs it, and answers with
/// its envelope once it is durable: {job_id, status_uri, status, next_poll_seconds}. While a job of
/// the principal with the same key is queued or running, the envelope is that job's. A job that is
/// recorded and cannot be read back is answered as queued, with a note that says so. Throws Error
/// for a job that cannot be (limits.h) and for a ledger that cannot be used; its words name the
/// job_id where the job may be recorded all the same.
ToolResult start_job(const ToolContext& context, NewJob job);

/// The same envelope of a job that is there, in any detail. `note`: what else is to be known;
/// empty: nothing.
std::string envelope_json(const ToolContext& context, const Job& job, std::string_view note = {});

/// What a task-capable tool publishes as its output: an envelope, the job once it has ended (the
/// result of a task), or a refusal.
inline constexpr std::string_view kStartSchema = R"({"type": "object", "oneOf": [
    {"title": "The job that was started", "type": "object", "properties": {
        "job_id": {"type": "string"},
        "status_uri": {"type": "string", "description": "The resource to read or subscribe to"},
        "status": {"type": "string", "enum": ["queued", "running", "done", "error", "cancelled"]},
        "next_poll_seconds": {"type": "integer", "minimum": 1, "description": "Ask get_job_status no sooner"},
        "note": {"type": "string", "description": "What could not be found out"}
    }, "required": ["job_id", "status_uri", "status", "next_poll_seconds"], "additionalProperties": false},
    {"title": "The job once it has ended, as get_job shows it: the result of a task", "type": "object", "properties": {
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
