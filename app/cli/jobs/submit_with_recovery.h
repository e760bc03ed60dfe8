#pragma once

#include "cli/after_commit.h"
#include "cli/context.h"

namespace atlasjob::cli {

/// What has been recorded: the job itself, or that its key is another's.
Change change_of(const Submitted& submitted);

/// Submits a job and, where the store cannot say whether the commit happened, asks a fresh
/// connection for the job's id before it fails. Throws outcome_unknown, with the id, if
/// that does not answer either.
Submitted record(const Context& context, Store& store, const NewJob& job);
/// The same for many jobs, recorded all or none.
std::vector<Submitted> submit_all_with_recovery(
    const Context& context, Store& store, const std::vector<NewJob>& jobs);

/// The jobs that SPEC's --after names. Throws as require_job does.
std::vector<JobId> resolve_jobs(
    Store& store, const std::vector<std::string>& words, const Principal& principal);

}  // namespace atlasjob::cli
