#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

// The tools of the atlas contract other than get_job_status, one per file. They look jobs up with
// find_job (show_job.h) and answer refusals with the contract's texts.

extern const Tool kGetJob;
extern const Tool kListJobs;
extern const Tool kWaitForJob;
extern const Tool kGetJobOutput;
extern const Tool kGetJobStatistics;
extern const Tool kSubmitJob;
extern const Tool kCancelJob;
extern const Tool kRetryJob;

}  // namespace atlasjob::mcp
