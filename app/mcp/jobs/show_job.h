#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// The job of that id, in that detail, or why there is none to show. Throws Error when the
/// ledger cannot be read: an outage is no refusal. `given_id` must outlive what is found.
struct FoundJob {
    std::optional<Job> job;
    Refused refused;  ///< When there is no job.
};
FoundJob find_job(
    const ToolContext& context, std::string_view given_id, Detail detail = Detail::summary);

/// The tool every contract has, under a name of its own: one job, in the contract's shape.
ToolAnswer show_job(const ToolContext& context, const Tool& tool, const nlohmann::json& arguments);

/// The same text as a resource's, and the version of it (resource.h).
std::optional<std::string> read_job(const ToolContext& context, std::string_view given_id);
std::optional<std::string> job_version(const ToolContext& context, std::string_view given_id);

}  // namespace atlasjob::mcp
