#include "cli/recording.h"

#include "base/error.h"
#include "ledger/find.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

Submitted resolve(const Context& context, const NewJob& job, const Error& failed) {
    const auto fresh = context.open_to_read();
    const auto found = fresh->get(JobRef::of(job.job_id), {job.owner, false}, Detail::summary);
    // A job that is born running needs its fence, which only the commit's own answer has.
    if (found && !job.start_as) return {found->job_id, found->seq, true, 0};
    throw Error(
        ErrorCode::outcome_unknown, failed.message(),
        found ? fmt::format("it was recorded as job {}: cancel that one and try again", found->seq)
              : fmt::format("see atlasjob status {} before trying again", job.job_id.view()));
}

/// All were recorded or none: one of them tells. With a key the answer may have been another job's.
std::vector<Submitted> resolve_all(
    const Context& context, const std::vector<NewJob>& jobs, const Error& failed) {
    const auto fresh = context.open_to_read();
    std::vector<Submitted> submitted;
    for (const NewJob& job : jobs) {
        const auto found = fresh->get(JobRef::of(job.job_id), {job.owner, false}, Detail::summary);
        if (found) submitted.push_back({found->job_id, found->seq, true, 0});
    }
    if (submitted.size() == jobs.size()) return submitted;
    throw Error(
        ErrorCode::outcome_unknown, failed.message(),
        submitted.empty() ? "nothing was recorded as far as can be told: see atlasjob list"
                          : "some had active jobs with their keys: see atlasjob list");
}

}  // namespace

Submitted record(const Context& context, Store& store, const NewJob& job) {
    try {
        return store.submit(job, context.now());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve(context, job, error);
    }
}

std::vector<Submitted> record_all(
    const Context& context, Store& store, const std::vector<NewJob>& jobs) {
    try {
        return store.submit_all(jobs, context.now());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve_all(context, jobs, error);
    }
}

std::vector<JobId> find_all(
    Store& store, const std::vector<std::string>& words, const Principal& principal) {
    std::vector<JobId> ids;
    ids.reserve(words.size());
    for (const std::string& word : words)
        ids.push_back(require_job(store, word, principal, Detail::summary).job_id);
    return ids;
}

}  // namespace atlasjob::cli
