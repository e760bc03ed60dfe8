#pragma once

#include "mcp/contracts/contract.h"
#include "mcp/tools/schema.h"

namespace atlasjob::mcp {

/// A new job of the principal, which must be set, with default values.
NewJob new_job(const ToolContext& context);

/// The labels `project` and `session` of jobs that this call starts, as far as the host names them.
std::vector<Label> provenance_labels(const ToolContext& context);

/// Submits the job with its session and the server's provenance labels, ensures that a worker runs
/// it, and returns its envelope once it is durable: {job_id, status_uri, status, next_poll_seconds,
/// created}. If a job of the principal with the same key is queued or running, returns that job's
/// envelope instead, and `created` is false. A job that is stored but cannot be read back is shown
/// as queued, with a note. Throws Error for an invalid job (limits.h) and if the ledger cannot be
/// used; if the job may have been stored, the hint has its job_id.
ToolResult start_job(const ToolContext& context, NewJob job);

/// The number of the job's latest run; 0 if the ledger cannot be read.
int latest_run(const ToolContext& context, const JobId& id);

/// `object`, which is one with members, with a further member.
std::string with_member(std::string object, std::string_view key, std::string_view json);

/// The envelope of a job, read in any detail. `note` is added if it is not empty.
std::string envelope_json(const ToolContext& context, const Job& job, std::string_view note = {});

/// The members of an envelope, and of the ended job that is the result of a task.
inline constexpr std::string_view kEnvelopeMembers =
    R"(, "status_uri": {"type": "string"}, "next_poll_seconds": {"type": "integer", "minimum": 1})";
inline constexpr std::string_view kStartMembers =
    Joined<kJobIdMember, kComma, kStatusMember, kEnvelopeMembers>::kText;
inline constexpr std::string_view kStartNames = R"("job_id", "status", "next_poll_seconds")";

/// The output schema of tools that start a job.
inline constexpr std::string_view kStartSchema = kAnswerSchema<kStartMembers, kStartNames>;

}  // namespace atlasjob::mcp
