#pragma once

#include "cli/jobs/job_watch.h"

namespace atlasjob::cli {

/// What `run` would have ended with, had it run the job: the command's code, 128+n for signal n,
/// 124 after a timeout, 126/127 for a command that is not executable or not there, 125 for what
/// was no fault of the command; what `wait` says of a job that was cancelled before it ran.
int job_exit_status(Store& store, const JobEnd& end);

}  // namespace atlasjob::cli
