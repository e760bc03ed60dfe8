#include "cli/jobs/current_job.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

namespace atlasjob::cli {

CurrentJob::CurrentJob(const std::vector<std::string>& words) {
    const auto current = environment("ATLASJOB_JOB_ID");
    if (words.empty() && !current) {
        throw Error(
            ErrorCode::invalid_argument, "no JOB given, and not inside a running job",
            "name the job by its number or job_id");
    }
    job_ = words.empty() ? *current : words[0];
    inside_ = current && job_ == *current;
}

AttemptKey CurrentJob::key(const JobId& id) const {
    AttemptKey key{id};
    // However the job was named: only processes inside the job know its attempt.
    if (environment("ATLASJOB_JOB_ID") != id.str()) return key;
    const auto attempt = environment("ATLASJOB_ATTEMPT");
    if (!attempt) return key;
    key.attempt = parse_integer<int>(*attempt);
    if (!key.attempt) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("ATLASJOB_ATTEMPT \"{}\": not a number", repair_utf8(*attempt)),
            "do not change it inside a job");
    }
    return key;
}

void refuse_lost_attempt(const Context& context, Store& store, const Job& job) {
    const auto now = store.get(JobRef::of(job.job_id), context.principal(), Detail::full);
    const Job& current = now ? *now : job;
    if (current.status != Status::running) {
        throw Error(
            ErrorCode::refused,
            fmt::format(
                "nothing was recorded: job {} is {}", current.seq, to_string(current.status)),
            current.status == Status::queued && current.command.empty()
                ? fmt::format("start it first: atlasjob start {}", current.seq)
                : fmt::format("see atlasjob status {}", current.seq));
    }
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "nothing was recorded: job {} is now at attempt {}", current.seq, current.attempt),
        "stop and discard the work: another attempt has taken over");
}

}  // namespace atlasjob::cli
