#pragma once

#include "mcp/contracts/contract.h"
#include "view/json_object.h"

namespace atlasjob::mcp {

/// How long to wait before polling a job again, in seconds, at least 1: grows with the time since
/// its last change; for a scheduled job, up to the time it is due.
int next_poll_seconds(const Job& job, Time now);

/// Adds "continue_polling" and "next_poll_seconds".
void add_polling(view::JsonObject& object, const Job& job, Time now);

/// Adds the job as JSON, without values that are too long (ShownJob), and "log_tail". The job must
/// be in Detail::full.
void add_job_detail(view::JsonObject& object, const ToolContext& context, const Job& job);

/// The complete answer of get_job.
std::string job_detail_json(const ToolContext& context, const Job& job);

/// The same as the result of a task: an error if the job's status is error.
ToolResult show_ended_job(const ToolContext& context, const Job& job);

/// The answer of wait_for_job for a wait that is over (wait_for_job.cpp).
ToolResult show_waited_job(const ToolContext& context, const Job& job, bool timed_out);

}  // namespace atlasjob::mcp
