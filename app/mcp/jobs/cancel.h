#pragma once

#include "mcp/tools/tool.h"

#include <deque>
#include <set>

namespace atlasjob::mcp {

/// Asks for a job's end and sees to what follows from it. Checking that the principal may is the
/// caller's part. Throws Error when the ledger cannot be written, and only while nothing was asked.
CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request);

/// Makes sure that somebody runs what a tool has left queued (ensure_worker). Why this account must
/// not start a worker is said on stderr, once.
void ensure_served(
    const ToolContext& context,
    Store& store,
    const std::optional<std::string>& queue = std::nullopt);

/// The same as a step of its own, after a verb that left something runnable in `queue`. That verb
/// has been done, whatever becomes of this: where no worker can be started now, gc tries again.
/// Throws nothing.
void ensure_worker(const ToolContext& context, const std::string& queue);

/// Those of these jobs that reap_lost may find something to do about. Throws Error when the
/// ledger cannot be read.
std::deque<JobId> may_be_lost(const ToolContext& context, const std::set<JobId>& jobs);

/// Takes back the running attempts whose executor is gone: they do not run any more, though nobody
/// has said so yet. Of one job alone, or of all. What a command left running is ended first, which
/// may take some seconds for each. Throws Error when the ledger cannot be written.
void reap_lost(const ToolContext& context, const std::optional<JobId>& only = std::nullopt);

}  // namespace atlasjob::mcp
