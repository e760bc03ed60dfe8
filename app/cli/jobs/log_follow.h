#pragma once

#include "cli/jobs/job_watch.h"
#include "cli/terminal/log_output.h"
#include "logs/log_follower.h"

namespace atlasjob::cli {

/// Writes the follower's output so far. Notes dropped output on stderr.
void write_present(const Context& context, LogFollower& follower, LogOutput& output);

/// A job's output to follow, and where to write it.
struct LogFollow {
    JobId job_id;
    LogFollower& follower;
    LogOutput& output;
    std::optional<std::chrono::steady_clock::time_point> until{};  ///< When to stop.
};

/// Writes output as it arrives until the job has ended and all output is written. Returns how the
/// job ended, or nullopt on timeout or if the reader of the output has gone.
std::optional<JobEnd> follow(const Context& context, Store& store, const LogFollow& log_follow);

}  // namespace atlasjob::cli
