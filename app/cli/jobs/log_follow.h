#pragma once

#include "cli/jobs/job_watch.h"
#include "cli/terminal/log_output.h"
#include "logs/log_follower.h"

namespace atlasjob::cli {

/// Writes what there is of the follower's output. Told on stderr: output that was dropped.
void write_present(const Context& context, LogFollower& follower, LogOutput& output);

/// What is followed, and where to.
struct LogFollow {
    JobId job_id;
    LogFollower& follower;
    LogOutput& output;
    std::optional<std::chrono::steady_clock::time_point> until{};  ///< Not longer than this.
};

/// Writes output as it comes until the job has ended and all of it is written. Returns how the job
/// ended; nothing when the time was up or the reader of our output has left.
std::optional<JobEnd> follow(const Context& context, Store& store, const LogFollow& following);

}  // namespace atlasjob::cli
