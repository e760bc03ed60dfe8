#include "cli/jobs/job_exit_status.h"

#include "process/exit_status.h"

#include <csignal>

namespace atlasjob::cli {

namespace {

constexpr int kCancelled = 3;
constexpr int kTimedOut = 124;
constexpr int kRunFailed = 125;
constexpr int kSignalBase = 128;

std::optional<int> signal_number(const std::string& name) {
    for (int signo = 1; signo <= SIGRTMAX; ++signo) {
        if (signal_name(signo) == name) return signo;
    }
    return {};
}

}  // namespace

int job_exit_status(const jobs::JobEnd& end) {
    if (end.status == Status::done) return 0;
    if (end.reason == Reason::timeout) return kTimedOut;
    if (!end.job) return end.status == Status::cancelled ? kCancelled : kRunFailed;
    const Job& job = *end.job;
    if (job.signal) {
        if (const auto signo = signal_number(*job.signal)) return kSignalBase + *signo;
    }
    return job.exit_code.value_or(end.status == Status::cancelled ? kCancelled : kRunFailed);
}

}  // namespace atlasjob::cli
