#pragma once

#include "jobs/wait.h"

namespace atlasjob::cli {

/// The exit status that `run` would have had for this job: the command's code, 128+n for signal n,
/// 124 after a timeout, 126/127 if the command is not executable or not found, 125 for other
/// failures that are not the command's. 3, as with `wait`, if it was cancelled before it ran.
int job_exit_status(const jobs::JobEnd& end);

}  // namespace atlasjob::cli
