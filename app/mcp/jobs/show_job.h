#pragma once

#include "mcp/contracts/contract.h"
#include "mcp/tools/bound.h"

namespace atlasjob::mcp {

/// Which names of a job a tool takes besides its id.
enum class JobNames {
    none,
    seq,          ///< Also its number: "42".
    seq_or_last,  ///< Also "last", the principal's newest job.
};

/// The job with that id, in that detail, or why it is refused. Throws Error if the ledger cannot be
/// read: an outage is not a refusal. `given_id` must outlive the result. A number and "last" name
/// only the principal's own jobs, even for an admin.
struct FoundJob {
    std::optional<Job> job;
    Refused refused;  ///< Set if there is no job.
};
FoundJob find_job(
    const ToolContext& context,
    std::string_view given_id,
    Detail detail = Detail::summary,
    JobNames names = JobNames::none);

/// The tool that every contract has, under its own name: shows one job in the contract's shape.
ToolAnswer show_job(const ToolContext& context, const JobIdArgs& args);
/// The same for a job that `fits`; any other is unknown.
ToolAnswer show_job_if(
    const ToolContext& context,
    std::string_view given_id,
    const std::function<bool(const Job& job)>& fits);

/// The same text as the content of a resource, and its version (resource.h).
std::optional<std::string> read_job(const ToolContext& context, std::string_view given_id);
std::optional<std::string> job_version(const ToolContext& context, std::string_view given_id);

}  // namespace atlasjob::mcp
