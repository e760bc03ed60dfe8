#pragma once

#include "cli/context.h"
#include "runner/worker/replaced_ledger.h"

#include <chrono>

namespace atlasjob::cli {

/// How often a watched job is looked at without a bell: programs that write around atlasjob ring
/// none, and a process that dies rings none either.
inline constexpr milliseconds kLookAgain{1000};

/// How a watched job ended.
struct JobEnd {
    Status status = Status::done;
    std::optional<Reason> reason;
    std::optional<Job> job;  ///< As it ended; nothing when it has been forgotten since.
};

/// One job somebody waits for. Looks whether it has ended, settles it where whoever ran it is gone,
/// and sees to it that its queue has a worker: it would never end by itself otherwise. Survives
/// that the job is forgotten meanwhile.
class JobWatch {
  public:
    /// `store` may be open for reading only: another is opened where something must be settled.
    JobWatch(const Context& context, Store& store, const JobId& id);

    /// How it ended, or nothing yet. Throws not_found when even the last trace of it is gone.
    std::optional<JobEnd> look();
    const JobId& id() const { return id_; }

  private:
    void reap_if_lost();
    void see_to_queue(const Job& job);

    const Context& context_;
    Store& store_;
    JobId id_;
    Principal principal_;
    PathIdentity file_;  ///< The ledger in which its queue was last looked after.
    std::optional<std::chrono::steady_clock::time_point> settled_at_;
    std::optional<std::chrono::steady_clock::time_point> seen_to_at_;
};

/// Sleeps until `watch` tells a change, at most kLookAgain and not beyond `until`. False: `until`
/// has come.
bool sleep_on(ChangeWatch& watch, std::optional<std::chrono::steady_clock::time_point> until);

/// How long to sleep before the next look: at most kLookAgain, and not beyond `until`. Zero: that
/// has come.
milliseconds time_left(std::optional<std::chrono::steady_clock::time_point> until);

/// So long from now, where there is a limit.
std::optional<std::chrono::steady_clock::time_point> deadline_of(
    const std::optional<milliseconds>& limit);

}  // namespace atlasjob::cli
