#pragma once

#include "base/file_identity.h"
#include "ledger/store.h"
#include "runner/worker/ensure_worker.h"

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// The steps of waiting for jobs, for callers that block and for event loops: whether a job has
/// ended, which jobs must be reaped because they would never end, when to look again, and when to
/// give up. Nothing here is thread-safe.
namespace atlasjob::jobs {

/// How often a job is looked at without a change notification: other programs that write to the
/// ledger, and processes that die, do not notify.
inline constexpr milliseconds kPollInterval{1000};

/// When a wait ends, by a clock that nobody sets. A default one never passes.
class Deadline {
  public:
    Deadline() = default;
    /// `limit` from now; nullopt: never.
    explicit Deadline(const std::optional<milliseconds>& limit);

    /// How long to sleep before the next look: at most kPollInterval and not beyond the deadline,
    /// zero once that has passed.
    [[nodiscard]] milliseconds until_next_look() const;

  private:
    std::optional<std::chrono::steady_clock::time_point> at_;
};

/// Sleeps until `watch` reports a change or the next look is due. Returns false, without sleeping,
/// once the deadline has passed.
bool sleep_on(ChangeWatch& watch, const Deadline& deadline = {});

/// How a job ended.
struct JobEnd {
    Status status = Status::done;
    std::optional<Reason> reason;
    std::optional<Job> job;  ///< The ended job in full; nullopt if it has been deleted since.
};

/// What one look at a job found.
struct Look {
    std::optional<Job> active;  ///< A summary; nullopt if the job has ended.
    std::optional<JobEnd> end;  ///< Set if `active` is not.
};

/// Looks at a job once. Throws not_found if not even its tombstone is left for the principal, and
/// what the store throws.
[[nodiscard]] Look look_at(Store& store, const JobId& id, const Principal& principal);

/// Those of `watched` whose supervisor may be gone. Unless somebody reaps them (jobs::reap), they
/// never end. Reads only, so call it once per kPollInterval and reap where writing may take time.
[[nodiscard]] std::vector<JobId> may_be_lost(Store& store, const std::set<JobId>& watched);

/// What a JobWatch works with. Everything it refers to outlives it.
struct WatchDeps {
    Store& store;  ///< May be open for reading only.
    Principal principal;
    LedgerAddress ledger;
    /// Reaps the job if it is lost. If that throws Error, as without write access, the wait is for
    /// another process to do it.
    std::function<void(const JobId&)> reap;
    /// How to start a worker. Throws Error if this process must not.
    std::function<OnDemandWorker()> worker;
};

/// A job that is waited for. Looks at it, and sees to it that it can end: reaps it if its
/// supervisor is gone, and ensures that its queue has a worker.
class JobWatch {
  public:
    JobWatch(WatchDeps deps, const JobId& id);

    /// How the job ended, nullopt while it is active. Throws as look_at does.
    [[nodiscard]] std::optional<JobEnd> poll();
    [[nodiscard]] const JobId& id() const { return id_; }

  private:
    void reap_if_lost();
    void ensure_queue_has_worker();

    WatchDeps deps_;
    JobId id_;
    PathIdentity file_;  ///< The ledger file at the last worker check.
    std::optional<std::chrono::steady_clock::time_point> reap_checked_at_;
    std::optional<std::chrono::steady_clock::time_point> worker_checked_at_;
};

/// Several jobs that are waited for together.
class JobWatches {
  public:
    enum class Until { all_ended, one_ended };

    explicit JobWatches(Until until) : until_(until) {}

    /// Returns the index of the job, counted from 0 in the order of the calls.
    std::size_t add(JobWatch watch);

    /// Polls the jobs. Until all_ended, the first active one decides; the others are polled only
    /// once per kPollInterval, for those that are lost. Returns whether there is still something to
    /// wait for. Throws as JobWatch::poll; what it found before that remains.
    [[nodiscard]] bool poll();

    [[nodiscard]] const JobId& id(std::size_t index) const { return watched_.at(index).watch.id(); }
    /// How the job ended, nullopt if the last polls have not seen it end.
    [[nodiscard]] const std::optional<JobEnd>& end(std::size_t index) const {
        return watched_.at(index).end;
    }

  private:
    struct Watched {
        JobWatch watch;
        std::optional<JobEnd> end;
    };

    Until until_;
    std::vector<Watched> watched_;
    std::optional<std::chrono::steady_clock::time_point> polled_all_at_;
};

}  // namespace atlasjob::jobs
