#pragma once

#include "mcp/contracts/contract.h"
#include "view/json_object.h"

namespace atlasjob::mcp {

/// How long to leave a job alone before asking again, in seconds from 1: longer the longer it has
/// been as it is, and until it is due.
int next_poll_seconds(const Job& job, Time now);

/// "continue_polling" and "next_poll_seconds".
void add_polling(view::JsonObject& object, const Job& job, Time now);

/// The job as JSON and "log_tail". The job is in Detail::full.
void add_whole_job(view::JsonObject& object, const ToolContext& context, const Job& job);

/// What get_job answers: all of it.
std::string whole_job_json(const ToolContext& context, const Job& job);

/// The same as the result of a task: an error when the job ended in one.
ToolResult show_ended_job(const ToolContext& context, const Job& job);

}  // namespace atlasjob::mcp
