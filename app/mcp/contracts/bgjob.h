#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// The seven tools published by mcp-background-job.
extern const Contract kBgjob;

// Its tools besides get_job_status.
extern const Tool kBgjobListJobs;
extern const Tool kBgjobGetJobOutput;
extern const Tool kBgjobTailJobOutput;
extern const Tool kBgjobExecuteCommand;
extern const Tool kBgjobInteractWithJob;
extern const Tool kBgjobKillJob;

/// A call that failed, and why, as plain text.
ToolResult bgjob_failure(std::string why);
/// "Failed to get job status: …", each tool with its own words.
ToolResult bgjob_failure(const Tool& tool, std::string_view why);

/// What upstream's checker of arguments says of those that do not fit.
ToolResult bgjob_bad_arguments(const ToolContext& context, const BadCall& call);

/// The longest output of each stream in one answer: the newest is shown.
inline constexpr std::size_t kBgjobLongestOutput = 524'288;

/// {"stdout":…,"stderr":…}
ToolResult bgjob_output(std::string_view out, std::string_view err);

/// The schema of that answer.
inline constexpr std::string_view kBgjobOutputSchema = R"({
    "description": "Process stdout/stderr output.",
    "properties": {
        "stdout": {"description": "Standard output content", "title": "Stdout", "type": "string"},
        "stderr": {"description": "Standard error content", "title": "Stderr", "type": "string"}
    },
    "required": ["stdout", "stderr"],
    "title": "ProcessOutput",
    "type": "object"
})";

}  // namespace atlasjob::mcp
