#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// The seven tools published by mcp-background-job.
extern const Contract kBgjob;

// Its tools other than get_job_status.
extern const Tool kBgjobListJobs;
extern const Tool kBgjobGetJobOutput;
extern const Tool kBgjobTailJobOutput;
extern const Tool kBgjobExecuteCommand;
extern const Tool kBgjobInteractWithJob;
extern const Tool kBgjobKillJob;

/// An error result with a plain text.
ToolResult bgjob_failure(std::string why);
/// The same, prefixed with the tool's phrase: "Failed to get job status: …".
ToolResult bgjob_failure(const Tool& tool, std::string_view why);

/// Invalid arguments, with the message of upstream's validator.
ToolResult bgjob_bad_arguments(const ToolContext& context, const BadCall& call);

/// The most output of each stream in one answer, in bytes; the newest output is kept.
inline constexpr std::size_t kBgjobMaxOutput = 524'288;

/// {"stdout":…,"stderr":…}
ToolResult bgjob_output(std::string_view out, std::string_view err);

/// The output schema of bgjob_output.
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
