#pragma once

#include "mcp/tool.h"

#include <set>

namespace atlasjob::mcp {

/// Asks for a job's end and sees to what follows from it. Checking that the principal may is the
/// caller's part. Throws Error when the ledger cannot be written.
CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request);

/// Whether settle_lost may find something to do about these jobs. Throws Error when the ledger
/// cannot be read.
bool may_be_lost(const ToolContext& context, const std::set<JobId>& jobs);

/// Takes back the running attempts whose executor is gone: they do not run any more, though nobody
/// has said so yet. Of all jobs, or of these alone. Throws Error when the ledger cannot be written.
void settle_lost(
    const ToolContext& context, const std::optional<std::set<JobId>>& only = std::nullopt);

}  // namespace atlasjob::mcp
