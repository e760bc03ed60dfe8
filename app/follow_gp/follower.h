#pragma once

#include "follow_gp/ending.h"
#include "follow_gp/http.h"
#include "follow_gp/job_sync.h"
#include "follow_gp/poll_interval.h"
#include "follow_gp/task_url.h"
#include "runner/attempt/foreground.h"

namespace atlasjob::follow_gp {

using namespace std::chrono_literals;

struct FollowOptions {
    TaskUrl task;
    std::string gp_job_id;
    HttpOptions http;
    milliseconds poll_min = 1s;   ///< Between two polls while the job changes.
    milliseconds poll_max = 10s;  ///< Between two polls while it does not.
    milliseconds give_up_after = 10min;
    bool cancel_on_exit = false;  ///< On INT, TERM or HUP, have the server cancel the job first.
    std::function<void(const std::string&)> print_note;  ///< Called with notes for the user.
};

/// The attempt that the follower runs.
struct FollowedAttempt {
    AttemptKey key;  ///< Including attempt and fence.
    std::string actor;
};

struct FollowResult {
    std::optional<Outcome>
        outcome;               ///< nullopt if the attempt was lost; this process does not end it.
    std::optional<int> signo;  ///< The signal that ended the follower, if any.
};

/// Mirrors a geoprocessing server's job in the attempt until the job ends or is cancelled, a signal
/// arrives, or the server stays unreachable. On return the outcome is durable or the attempt was
/// lost.
///
/// Meanwhile the Store is used on another thread; INT, TERM, HUP, QUIT and TSTP are handled in this
/// thread's loop and have their default disposition afterwards. Throws Error if the ledger rejects
/// the outcome for good, or on a signal while the ledger is unavailable.
FollowResult follow(
    Store& store,
    LogStore& logs,
    const Clock& clock,
    const FollowedAttempt& attempt,
    const FollowOptions& options);

/// Follows one job. Used from the loop's thread only.
class Follower {
  public:
    Follower(
        SupervisorContext& context,
        const Clock& clock,
        const FollowedAttempt& attempt,
        const FollowOptions& options);
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    FollowResult run();

  private:
    enum class Stage {
        watching,  ///< The job has not ended on the server.
        fetching,  ///< It has succeeded: its results are being read.
        ending,    ///< Only the outcome is left to store.
    };

    AttemptCallbacks callbacks();
    void take_step();
    void poll();
    void take_job(const Reading<GpJob>& reading);
    void take_end(const GpJob& job);
    void cancel();
    void send_cancel();
    void take_cancel(const std::optional<Failure>& failure);
    bool handle_refusal();
    void fetch();
    void take_result(const Reading<std::string>& reading);
    void on_answer();
    void on_failure(const Failure& failure);
    void give_up_soon();
    void finish(Outcome outcome);
    void on_signal(int signo);
    void finish_delayed(const Error& error);
    void on_lost();
    void stop_self();

    SupervisorContext& context_;
    const FollowOptions& options_;
    const std::string job_url_;
    FollowResult result_;
    Stage stage_ = Stage::watching;
    GpStatus status_ = GpStatus::unknown;  ///< From the last poll.
    std::vector<std::string>
        pending_results_;  ///< Names of the results still to read, next one last.
    std::string results_;  ///< Results read so far, as members of a JSON object.

    bool cancel_requested_ = false;  ///< By the ledger or by a signal.
    bool cancel_due_ = false;        ///< The cancel has yet to be sent to the server.
    bool poll_first_ = false;        ///< Sending it failed: poll first, as the job may have ended.
    bool cancel_was_acceptable_ = false;  ///< The job's status allowed a cancel when it was sent.
    std::optional<std::string> refusal_;  ///< The server's reason for refusing the cancel.

    bool unreachable_ = false;  ///< The last request failed.
    bool last_chance_ = false;  ///< Requests have failed for give_up_after.
    bool interrupted_ = false;  ///< A signal arrived while only the ledger was awaited.
    std::optional<Error> finish_error_;

    std::unique_ptr<LogWriter> log_;
    PollInterval poll_interval_;
    Timer next_timer_;
    Timer give_up_timer_;
    Timer stop_timer_;
    Http http_;
    ForegroundSignals signals_;
    // Last: its thread stops before the members that its callbacks use are destroyed.
    AttemptReporter reporter_;
    JobSync sync_;
};

}  // namespace atlasjob::follow_gp
