#pragma once

#include "cli/context.h"
#include "runner/worker/replaced_ledger.h"

#include <chrono>

namespace atlasjob::cli {

/// How often a watched job is polled without a change notification: other programs that write to
/// the ledger, and processes that die, do not notify.
inline constexpr milliseconds kPollInterval{1000};

/// How a watched job ended.
struct JobEnd {
    Status status = Status::done;
    std::optional<Reason> reason;
    std::optional<Job> job;  ///< The ended job; nullopt if it has been deleted since.
};

/// A job that is waited for. Polls whether it has ended, reaps it if its supervisor is gone, and
/// ensures that its queue has a worker, because otherwise it would never end. Handles jobs that are
/// deleted meanwhile.
class JobWatch {
  public:
    /// `store` may be open for reading only; another one is opened to reap the job.
    JobWatch(const Context& context, Store& store, const JobId& id);

    /// How the job ended, nullopt while it is active. Throws not_found if not even its tombstone is
    /// left.
    std::optional<JobEnd> poll();
    const JobId& id() const { return id_; }

  private:
    void reap_if_lost();
    void ensure_queue_has_worker(const Job& job);

    const Context& context_;
    Store& store_;
    JobId id_;
    Principal principal_;
    PathIdentity file_;  ///< The ledger file at the last worker check.
    std::optional<std::chrono::steady_clock::time_point> reap_checked_at_;
    std::optional<std::chrono::steady_clock::time_point> worker_checked_at_;
};

/// Sleeps until `watch` reports a change, at most kPollInterval and not beyond `until`. Returns
/// false once `until` has passed.
bool sleep_on(ChangeWatch& watch, std::optional<std::chrono::steady_clock::time_point> until);

/// How long to sleep before the next poll: at most kPollInterval and not beyond `until`, zero once
/// that has passed.
milliseconds time_left(std::optional<std::chrono::steady_clock::time_point> until);

/// Now plus `limit`; nullopt if there is no limit.
std::optional<std::chrono::steady_clock::time_point> deadline_of(
    const std::optional<milliseconds>& limit);

}  // namespace atlasjob::cli
