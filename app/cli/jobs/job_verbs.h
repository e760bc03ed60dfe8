#pragma once

#include "cli/context.h"
#include "jobs/jobs.h"

namespace atlasjob::cli {

/// How to start a worker for runnable jobs without one. The command is empty if
/// ATLASJOB_ON_DEMAND_WORKER or the config file disables it. Throws invalid_argument for invalid
/// settings.
OnDemandWorker on_demand_worker(const Context& context);

/// What hooks that a worker starts have of it.
struct HookOptions {
    bool any_account = false;  ///< It runs the jobs of any account.
    bool bounded = false;      ///< Its hooks get no more than it has, as its jobs do.
};

/// How to start on-end hooks: the hidden command `on-end` of this program.
OnEnd on_end(const Context& context, const HookOptions& options = {});

/// Prints to stderr, at most once a login, that what this account has started ends at its logout.
void note_logout(const Context& context, bool ends_at_logout);

/// Prints to stderr why this account does not start a worker (EnsuredWorker::refused), at most once
/// and not with -q. No effect if `refused` is nullopt.
void note_refusal(const Context& context, const std::optional<Error>& refused);

/// Prints to stderr that the last worker failed (EnsuredWorker::last_error), and where more is. Not
/// with -q. No effect if `error` is nullopt.
void note_worker_error(const Context& context, const std::optional<WorkerError>& error);

// What a submit or an edit did other than may be expected, for stderr; not with -q.

/// That nothing was submitted, if an active job has the key.
void note_active_key(const Context& context, const Submitted& submitted);
/// That the time of the job has passed.
void note_past(const Context& context);
/// Any such note.
void note_unless_quiet(const Context& context, std::string_view text);

/// What a command needs to call lib/jobs. The context must outlive it.
class JobVerbs {
  public:
    enum class Starts { worker, no_worker };

    /// Throws as on_demand_worker does, so create it before anything is written. `no_worker`: for
    /// commands that leave no job queued.
    explicit JobVerbs(const Context& context, Starts starts = Starts::worker);

    jobs::Deps over(Store& store) const;

    /// If a worker cannot or must not be started, prints the reason to stderr, which is not an
    /// error.
    void report(const EnsuredWorker& ensured) const;

  private:
    const Context& context_;
    std::unique_ptr<LogStore> logs_;
    OnDemandWorker worker_;
};

}  // namespace atlasjob::cli
