#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// get_job_details, get_job_statistics and cancel_job, as published by CIDX.
extern const Contract kCidx;

// Its tools other than get_job_details.
extern const Tool kCidxGetJobStatistics;
extern const Tool kCidxCancelJob;

// The messages of cancel_job if nothing was cancelled.
inline constexpr std::string_view kCidxCancelMissing = "job_id is required";
inline constexpr std::string_view kCidxCancelNotFound = "Job not found or not authorized";

/// The minimal answer of its tools: {"success":…,"<key>":"<text>"}.
ToolResult cidx_answer(bool success, std::string_view key, std::string_view text);

}  // namespace atlasjob::mcp
