#pragma once

#include "cli/context.h"
#include "cli/terminal/log_output.h"
#include "jobs/wait.h"
#include "ledger/log_store.h"

namespace atlasjob::cli {

/// Writes the follower's output so far. Notes dropped output on stderr.
void write_present(const Context& context, LogFollower& follower, LogOutput& output);

/// A job's output to follow, and where to write it.
struct LogFollow {
    JobId job_id;
    LogFollower& follower;
    LogOutput& output;
    jobs::Deadline deadline{};  ///< When to stop.
};

/// Writes output as it arrives until the job has ended and all output is written. Returns how the
/// job ended, or nullopt on timeout or if the reader of the output has gone.
std::optional<jobs::JobEnd> follow(
    const Context& context, Store& store, const LogFollow& log_follow);

}  // namespace atlasjob::cli
