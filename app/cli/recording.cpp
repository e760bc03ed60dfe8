#include "cli/recording.h"

#include "base/error.h"

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

}  // namespace

Submitted record(const Context& context, Store& store, const NewJob& job) {
    try {
        return store.submit(job, context.now());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve(context, job, error);
    }
}

}  // namespace atlasjob::cli
