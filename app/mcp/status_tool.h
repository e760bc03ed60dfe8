#pragma once

#include "mcp/contract.h"

namespace atlasjob::mcp {

/// The job of that id, in Detail::summary, or why there is none to show. Throws Error when the
/// ledger cannot be read: an outage is no refusal.
struct FoundJob {
    std::optional<Job> job;
    Refusal refusal = Refusal::unknown_job;  ///< When there is no job.
};
FoundJob find_job(const ToolContext& context, std::string_view given_id);

/// The tool every contract has, under a name of its own: one job, in the contract's shape.
ToolResult show_job(const ToolContext& context, const nlohmann::json& arguments);

}  // namespace atlasjob::mcp
