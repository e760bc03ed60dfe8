#include "base/error.h"
#include "jobs/follow_up.h"
#include "jobs/jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace atlasjob::jobs {

namespace {

/// Those of the jobs that a new connection finds by their ids; nullopt if it cannot be used.
std::optional<std::vector<Submitted>> find_recorded(
    const Deps& deps, std::span<const NewJob> jobs) {
    try {
        const auto reader = deps.reopen();
        std::vector<Submitted> found;
        for (const NewJob& job : jobs) {
            const auto row =
                reader->get(JobRef::of(job.job_id), {job.owner, false}, Detail::summary);
            if (row) found.push_back({row->job_id, row->seq, true, 0});
        }
        return found;
    } catch (const Error&) {
        return std::nullopt;
    }
}

Error not_recorded(const Error& failed) {
    return {
        ErrorCode::unavailable, fmt::format("nothing was recorded: {}", failed.message()),
        "check the disk and try again"};
}

bool has_key(const NewJob& job) {
    return job.key.has_value();
}

Submitted resolve(const Deps& deps, const NewJob& job, const Error& failed) {
    const auto found = find_recorded(deps, {&job, 1});
    const bool recorded = found && !found->empty();
    // A job that starts running needs its fence, which only the commit returned.
    if (recorded && !job.start_as) return found->front();
    // A commit that a new connection does not see cannot appear any more.
    if (found && !recorded) throw not_recorded(failed);
    throw Error(
        ErrorCode::outcome_unknown, failed.message(),
        recorded
            ? fmt::format(
                "it was recorded as job {}: cancel that one and try again", found->front().seq)
            : fmt::format(
                "it is unknown whether it was recorded: check the status of job {} before trying "
                "again",
                job.job_id.view()));
}

/// All were recorded or none, so one of them would tell; but with a key the answer may have been
/// another job's.
std::vector<Submitted> resolve_all(
    const Deps& deps, const std::vector<NewJob>& jobs, const Error& failed) {
    auto found = find_recorded(deps, jobs);
    if (found && found->size() == jobs.size()) return std::move(*found);
    if (found && found->empty() && std::ranges::none_of(jobs, has_key)) throw not_recorded(failed);
    if (found && !found->empty()) {
        throw Error(
            ErrorCode::outcome_unknown, failed.message(),
            "some of the keys may have been active: list the jobs before trying again");
    }
    throw Error(
        ErrorCode::outcome_unknown, failed.message(),
        fmt::format(
            "it is unknown whether all of them or none was recorded: check the status of job {} "
            "before trying again",
            jobs.front().job_id.view()));
}

Submitted record(const Deps& deps, const NewJob& job) {
    try {
        return deps.store.submit(job);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve(deps, job, error);
    }
}

std::vector<Submitted> record_all(const Deps& deps, const std::vector<NewJob>& jobs) {
    try {
        return deps.store.submit_all(jobs);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve_all(deps, jobs, error);
    }
}

bool has_dependencies(const NewJob& job) {
    return !job.after.empty() || !job.after_ended.empty();
}

bool needs_worker(const NewJob& job) {
    return job.command && !job.start_as;
}

JobAttributes attributes_of(std::span<const NewJob> jobs) {
    JobAttributes all;
    for (const NewJob& job : jobs) {
        if (!needs_worker(job) || !job.command->attributes) continue;
        if (std::ranges::find(all, *job.command->attributes) == all.end())
            all.push_back(*job.command->attributes);
    }
    return all;
}

EnsuredWorker prepare_worker_for(const Deps& deps, std::span<const NewJob> jobs) {
    if (std::ranges::none_of(jobs, needs_worker)) return {};
    return prepare_worker(deps, [jobs] { return attributes_of(jobs); });
}

}  // namespace

SubmitResult submit(
    const Deps& deps, const NewJob& job, const std::function<void(const Submitted&)>& committed) {
    EnsuredWorker prepared = prepare_worker_for(deps, {&job, 1});
    SubmitResult result{record(deps, job)};
    if (committed) committed(result.submitted);
    if (has_dependencies(job)) start_hooks(deps);
    if (needs_worker(job)) result.worker = merged(std::move(prepared), ensure(deps, job.queue));
    return result;
}

SubmitAllResult submit_all(
    const Deps& deps,
    const std::vector<NewJob>& jobs,
    const std::function<void(std::span<const Submitted>)>& committed) {
    EnsuredWorker prepared = prepare_worker_for(deps, jobs);
    SubmitAllResult result{record_all(deps, jobs)};
    if (committed) committed(result.submitted);
    if (std::ranges::any_of(jobs, has_dependencies)) start_hooks(deps);
    if (std::ranges::any_of(jobs, needs_worker))
        result.worker = merged(std::move(prepared), ensure(deps));
    return result;
}

}  // namespace atlasjob::jobs
