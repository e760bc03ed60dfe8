#pragma once

#include "mcp/tool.h"

namespace atlasjob::mcp {

/// Asks for a job's end and sees to what follows from it. Checking that the principal may is the
/// caller's part. Throws Error when the ledger cannot be written.
CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request);

}  // namespace atlasjob::mcp
