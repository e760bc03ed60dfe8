#pragma once

#include "mcp/tools/tool.h"

#include <deque>
#include <set>

// The verbs of lib/jobs on the ledger of a call. The caller must have checked that the principal
// may use them on the job. If this account must not start a worker, the reason is printed to
// stderr, once per process.
namespace atlasjob::mcp {

/// Submits a job as jobs::submit does. Creates the ledger if it does not exist.
Submitted submit(const ToolContext& context, const NewJob& job);

/// Cancels a job as jobs::cancel does. Throws Error if the ledger cannot be written; nothing has
/// been requested then.
CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request);

/// Notes that a wait for a job was cancelled as jobs::cancel_wait does.
void cancel_wait(const ToolContext& context, const JobId& id, const std::string& wait);

/// The jobs that were cancelled because of a job that is queued again.
struct RetriedDependents {
    std::vector<JobId> retried = {};
    std::vector<JobId> cancelled = {};  ///< Not queued again.
    std::string note = {};              ///< Set if not all of them could be handled.
};

/// Queues a job again as jobs::retry does, and with `dependents` also those that were cancelled
/// because of it. Throws only if the job itself is not queued.
RetriedDependents retry(const ToolContext& context, const Job& job, bool dependents = false);

/// The jobs among `watched` whose running attempt may be lost: candidates for reap_lost. Throws
/// Error if the ledger cannot be read.
std::deque<JobId> may_be_lost(const ToolContext& context, const std::set<JobId>& watched);

/// Reaps running attempts as jobs::reap does: those of job `only`, or of all jobs. Throws Error if
/// the ledger cannot be written.
void reap_lost(const ToolContext& context, const std::optional<JobId>& only = std::nullopt);

}  // namespace atlasjob::mcp
