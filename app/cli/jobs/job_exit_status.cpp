#include "cli/jobs/job_exit_status.h"

#include "base/file.h"
#include "process/command_path.h"
#include "process/exit_status.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>

namespace atlasjob::cli {

namespace {

constexpr int kCancelled = 3;
constexpr int kTimedOut = 124;
constexpr int kRunFailed = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kSignalBase = 128;

std::optional<int> signal_number(const std::string& name) {
    for (int signo = 1; signo <= SIGRTMAX; ++signo) {
        if (signal_name(signo) == name) return signo;
    }
    return {};
}

/// Only a message is stored for a command that did not start, so the exit status is found by
/// looking the command up again.
int start_failure_status(Store& store, const Job& job) {
    const auto command = store.command_of(job.job_id);
    if (!command) return kRunFailed;
    const UniqueFd directory = open_file(command->cwd, O_PATH | O_DIRECTORY);
    if (!directory) return kRunFailed;
    const int error =
        find_command(command->argv.front(), command->environment, directory.get()).error;
    return error == ENOENT || error == ENOTDIR ? kNotFound : kNotExecutable;
}

}  // namespace

int job_exit_status(Store& store, const JobEnd& end) {
    if (end.status == Status::done) return 0;
    if (end.reason == Reason::timeout) return kTimedOut;
    if (!end.job) return end.status == Status::cancelled ? kCancelled : kRunFailed;
    const Job& job = *end.job;
    if (job.signal) {
        if (const auto signo = signal_number(*job.signal)) return kSignalBase + *signo;
    }
    if (end.reason == Reason::start_failed) return start_failure_status(store, job);
    return job.exit_code.value_or(end.status == Status::cancelled ? kCancelled : kRunFailed);
}

}  // namespace atlasjob::cli
