#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

// The tools of the atlas contract beside get_job_status, one a file. They find jobs by
// find_job (status_tool.h) and refuse in the contract's own words.

extern const Tool kGetJob;
extern const Tool kListJobs;
extern const Tool kWaitForJob;
extern const Tool kGetJobOutput;
extern const Tool kGetJobStatistics;
extern const Tool kSubmitJob;
extern const Tool kCancelJob;
extern const Tool kRetryJob;

}  // namespace atlasjob::mcp
