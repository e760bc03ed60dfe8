#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// get_job_details, get_job_statistics and cancel_job, as published by CIDX.
extern const Contract kCidx;

// Its tools besides get_job_details.
extern const Tool kCidxGetJobStatistics;
extern const Tool kCidxCancelJob;

// What cancel_job answers when nothing was cancelled.
inline constexpr std::string_view kCidxCancelMissing = "job_id is required";
inline constexpr std::string_view kCidxCancelNotFound = "Job not found or not authorized";

/// {"success":…,"<key>":"<text>"}: what its tools answer when there is no more to tell.
ToolResult cidx_answer(bool success, std::string_view key, std::string_view text);

}  // namespace atlasjob::mcp
