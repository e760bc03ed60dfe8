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
    milliseconds poll_least = 1s;  ///< Between two looks while things change,
    milliseconds poll_most = 10s;  ///< and while nothing does.
    milliseconds give_up_after = 10min;
    bool cancel_on_exit = false;  ///< Who is told to leave has the server cancel the job first.
    std::function<void(const std::string&)> tell;  ///< What people may want to know meanwhile.
};

/// The attempt that following is.
struct FollowedAttempt {
    AttemptKey key;  ///< With attempt and fence.
    std::string actor;
    std::string logs_root;
};

struct FollowResult {
    std::optional<Outcome> outcome;  ///< Nothing: the attempt was lost; somebody else ends it.
    std::optional<int> signo;        ///< We left because of this signal.
};

/// Mirrors a job of a geoprocessing server in the attempt until it ends there, somebody cancels it,
/// we are told to leave or nothing more can be learnt. When it returns, the end is durable or the
/// attempt was lost.
///
/// The Store is used on a thread of its own meanwhile; INT, TERM, HUP, QUIT and TSTP are watched in
/// this thread's loop and have their default disposition afterwards. Throws Error when the ledger
/// refuses the end for good, or when somebody interrupts us while it is unavailable.
FollowResult follow(
    Store& store, const Clock& clock, const FollowedAttempt& attempt, const FollowOptions& options);

/// One job being followed. Belongs to the loop's thread.
class Follower {
  public:
    Follower(
        SupervisorContext& place,
        const Clock& clock,
        const FollowedAttempt& attempt,
        const FollowOptions& options);
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    FollowResult run();

  private:
    enum class Stage {
        watching,  ///< The server has not ended the job.
        fetching,  ///< It has succeeded: its results are being read.
        ending,    ///< Nothing but the ledger is still to do.
    };

    AttemptCallbacks news();
    void step();
    void poll();
    void take_job(const Reading<GpJob>& reading);
    void take_end(const GpJob& job);
    void cancel();
    void send_cancel();
    void take_cancel(const std::optional<Failure>& trouble);
    bool settle_refusal();
    void fetch();
    void take_result(const Reading<std::string>& reading);
    void heard();
    void failed(const Failure& trouble);
    void give_up_soon();
    void finish(Outcome outcome);
    void leave(int signo);
    void finish_delayed(const Error& error);
    void lost();
    void stop_self();

    SupervisorContext& place_;
    const FollowOptions& options_;
    const std::string job_url_;
    FollowResult result_;
    Stage stage_ = Stage::watching;
    GpStatus status_ = GpStatus::unknown;  ///< As last heard.
    std::vector<std::string> awaited_;     ///< Names of results not read yet, the next one last.
    std::string results_;                  ///< Those read, as members of an object.

    bool cancel_wanted_ = false;  ///< Somebody asked the ledger, or us.
    bool cancel_due_ = false;     ///< The server has not answered to that yet.
    bool look_first_ = false;     ///< Asking it went wrong: it may have ended the job.
    bool asked_in_time_ = false;  ///< It was asked when it takes such requests.
    std::optional<std::string> refusal_;

    bool troubled_ = false;     ///< The server could not be asked the last time.
    bool last_chance_ = false;  ///< That has been so for as long as we bear.
    bool impatient_ = false;    ///< Told to leave when only the ledger was awaited.
    std::optional<Error> finish_trouble_;

    OutputLog log_;
    PollInterval patience_;
    Timer next_;
    Timer give_up_;
    Timer stop_timer_;
    Http http_;
    ForegroundSignals signals_;
    // Last: its thread is at rest before what its answers touch is gone.
    AttemptReporter ledger_;
    JobSync mirror_;
};

}  // namespace atlasjob::follow_gp
