#pragma once

#include "cli/after_commit.h"
#include "cli/context.h"

namespace atlasjob::cli {

/// The change made by a submit: the job was recorded, or an active job has its key.
Change change_of(const Submitted& submitted);

/// Submits a job. If the store cannot tell whether the commit happened, looks up the job's id on a
/// fresh connection. Throws outcome_unknown, with the id, if that fails too.
Submitted submit_with_recovery(const Context& context, Store& store, const NewJob& job);
/// Submits many jobs in one transaction, with the same recovery.
std::vector<Submitted> submit_all_with_recovery(
    const Context& context, Store& store, const std::vector<NewJob>& jobs);

/// The ids of the jobs named by --after. Throws as require_job does.
std::vector<JobId> resolve_jobs(
    Store& store, const std::vector<std::string>& words, const Principal& principal);

}  // namespace atlasjob::cli
