#pragma once

#include "mcp/tools/tool.h"

#include <deque>
#include <set>

namespace atlasjob::mcp {

/// Requests a cancel and, if the job ended by it, starts the on-end hooks. The caller must have
/// checked that the principal may cancel it. Throws Error if the ledger cannot be written; nothing
/// has been requested then.
CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request);

/// Ensures that a worker serves the jobs a tool left queued. If this account must not start one,
/// prints the reason to stderr, once per process.
void ensure_served(
    const ToolContext& context,
    Store& store,
    const std::optional<std::string>& queue = std::nullopt);

/// The same, as a separate step after a change that left a runnable job in `queue`. That change is
/// committed either way: if no worker can be started now, gc tries again. Never throws.
void ensure_worker(const ToolContext& context, const std::string& queue);

/// The jobs among `jobs` whose running attempt may be lost: candidates for reap_lost. Throws Error
/// if the ledger cannot be read.
std::deque<JobId> may_be_lost(const ToolContext& context, const std::set<JobId>& jobs);

/// Reaps running attempts whose executor is gone: those of job `only`, or of all jobs. Processes
/// that the command left running are terminated first, which may take some seconds per attempt.
/// Throws Error if the ledger cannot be written.
void reap_lost(const ToolContext& context, const std::optional<JobId>& only = std::nullopt);

}  // namespace atlasjob::mcp
