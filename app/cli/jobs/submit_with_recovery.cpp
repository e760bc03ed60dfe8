#include "cli/jobs/submit_with_recovery.h"

#include "base/error.h"
#include "ledger/find.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

/// Looks the jobs up by id on a fresh connection. nullopt if the ledger cannot be read.
std::optional<std::vector<Submitted>> find_recorded(
    const Context& context, std::span<const NewJob> jobs) {
    try {
        const auto store = context.open_to_read();
        std::vector<Submitted> found;
        for (const NewJob& job : jobs) {
            const auto row =
                store->get(JobRef::of(job.job_id), {job.owner, false}, Detail::summary);
            if (row) found.push_back({row->job_id, row->seq, true, 0});
        }
        return found;
    } catch (const Error&) {
        return {};
    }
}

Submitted resolve(const Context& context, const NewJob& job, const Error& failed) {
    const auto found = find_recorded(context, {&job, 1});
    const bool recorded = found && !found->empty();
    // A job created as running needs its fence, which only the result of the commit has.
    if (recorded && !job.start_as) return found->front();
    throw Error(
        ErrorCode::outcome_unknown, failed.message(),
        recorded ? fmt::format(
            "it was recorded as job {}: cancel that job and try again", found->front().seq)
                 : fmt::format("see atlasjob status {} before trying again", job.job_id.view()));
}

/// Resolves a batch, which is recorded completely or not at all. A key may have resolved to another
/// active job.
std::vector<Submitted> resolve_all(
    const Context& context, const std::vector<NewJob>& jobs, const Error& failed) {
    auto found = find_recorded(context, jobs);
    if (found && found->size() == jobs.size()) return std::move(*found);
    if (found && !found->empty()) {
        throw Error(
            ErrorCode::outcome_unknown, failed.message(),
            "some keys belong to active jobs: see atlasjob list");
    }
    throw Error(
        ErrorCode::outcome_unknown, failed.message(),
        fmt::format(
            "either all or none were recorded: see atlasjob status {} before trying again",
            jobs.front().job_id.view()));
}

}  // namespace

Change change_of(const Submitted& submitted) {
    return change_of(
        submitted.job_id,
        submitted.created ? fmt::format("recorded as {}", submitted.job_id.view())
                          : fmt::format("job {} with this key is active", submitted.job_id.view()));
}

Submitted submit_with_recovery(const Context& context, Store& store, const NewJob& job) {
    try {
        return store.submit(job, context.now());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve(context, job, error);
    }
}

std::vector<Submitted> submit_all_with_recovery(
    const Context& context, Store& store, const std::vector<NewJob>& jobs) {
    try {
        return store.submit_all(jobs, context.now());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve_all(context, jobs, error);
    }
}

std::vector<JobId> resolve_jobs(
    Store& store, const std::vector<std::string>& words, const Principal& principal) {
    std::vector<JobId> ids;
    ids.reserve(words.size());
    for (const std::string& word : words)
        ids.push_back(require_job(store, word, principal, Detail::summary).job_id);
    return ids;
}

}  // namespace atlasjob::cli
