#include "cli/jobs/job_exit_status.h"

#include "base/signals.h"

namespace atlasjob::cli {

namespace {

constexpr int kCancelled = 3;
constexpr int kTimedOut = 124;
constexpr int kRunFailed = 125;
constexpr int kSignalBase = 128;

}  // namespace

int job_exit_status(const jobs::JobEnd& end) {
    if (end.status == Status::done) return 0;
    if (end.reason == Reason::timeout) return kTimedOut;
    if (!end.job) return end.status == Status::cancelled ? kCancelled : kRunFailed;
    const Job& job = *end.job;
    if (job.signal) {
        if (const auto signo = parse_signal(*job.signal)) return kSignalBase + *signo;
    }
    return job.exit_code.value_or(end.status == Status::cancelled ? kCancelled : kRunFailed);
}

}  // namespace atlasjob::cli
