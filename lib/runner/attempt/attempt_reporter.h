#pragma once

#include "base/clock.h"
#include "runner/attempt/report_channel.h"
#include "runner/attempt/supervisor.h"

#include <deque>

namespace atlasjob {

/// What AttemptReporter reports to the supervisor. Each is called in the loop.
struct AttemptCallbacks {
    /// A cancel was requested, perhaps with a grace of its own. At most once.
    std::function<void(std::optional<milliseconds> grace)> cancel_requested;
    /// The finish claimed another attempt. At most once, before finished() or lost().
    std::function<void(Claim)> claimed;
    /// The finish may have claimed another attempt: the outcome of its commit is unknown. Called
    /// before delayed() or lost().
    std::function<void()> claim_unclear;
    /// The attempt was reaped or ended elsewhere, so further writes have no effect. At most once,
    /// and nothing is called after it. Not called before the result of a pending finish, so that a
    /// claim made with it is not dropped.
    std::function<void()> lost;
    /// The finish was committed.
    std::function<void(const Finished&)> finished;
    /// The finish could not be committed yet and will be retried.
    std::function<void(const Error&)> delayed;
    /// A write failed and will not be retried.
    std::function<void(const Error&)> trouble;
    /// The job's progress has changed, whoever reported it.
    std::function<void(const std::optional<double>&)> progressed;
};

/// Writes one attempt's state to the ledger: notes its process, renews its lease, merges its
/// reports into few writes, watches for a cancel, and finishes the attempt, retrying for as long as
/// needed. Belongs to the loop's thread. All Store verbs run on the context's executor, which must
/// have no other user meanwhile; only with Config::may_stall may the finish run in the loop.
class AttemptReporter {
  public:
    struct Config {
        AttemptKey key;
        std::string actor;
        Timings timings;
        std::function<std::int64_t()> log_bytes;  ///< For the heartbeats; called in the loop.
        /// Whether the finish may block the loop (StoreExecutor::run_inline).
        bool may_stall = false;
    };

    /// Starts heartbeats and watching for changes.
    AttemptReporter(
        SupervisorContext& context, const Clock& clock, Config config, AttemptCallbacks callbacks);
    AttemptReporter(const AttemptReporter&) = delete;
    AttemptReporter& operator=(const AttemptReporter&) = delete;
    ~AttemptReporter();

    /// Records which process runs the command: after Timings::note, then with each heartbeat until
    /// it is written, and with the finish at the latest.
    void note_process(const ProcessIdentity& process);
    /// Writes a report; reports that arrive within Timings::report are merged into one write.
    void report(Report newer);
    /// Adds an event to the job's history (Store::note_event). Events are written in order, before
    /// the finish, and never twice: one whose commit has an unknown outcome is not retried.
    void note_event(std::string type, std::optional<std::string> detail = std::nullopt);
    /// Ends the attempt; the current time is recorded as its end. Retries for as long as the ledger
    /// is unavailable or the outcome of the commit unknown; throws any other Error in the loop.
    /// Claims `next` in the same transaction, but only on the first try. If the ledger's file is
    /// gone, gives up: calls trouble() and lost().
    void finish(const Outcome& outcome, const std::optional<ClaimRequest>& next);

    /// Whether no Store verb is running or queued.
    bool idle() const { return context_.ledger.idle(); }

  private:
    struct Ending {
        Outcome outcome;
        std::optional<ClaimRequest> next;
        ClockReading at;
        milliseconds retry;
        int moved_tries = 0;  ///< How often the finish failed with ledger_moved.
    };

    struct NotedEvent {
        std::string type;
        std::optional<std::string> detail;
        ClockReading at;
    };

    void send_heartbeat();
    void poll_job();
    void send_report();
    void send_event();
    void send_note();
    void send_finish();
    FinishedAndClaimed finish_in(Store& store, const Ending& ending) const;
    void on_reply(const Result<std::optional<HeartbeatReply>>& result);
    void on_report_result(const Result<std::optional<HeartbeatReply>>& result, const Report& sent);
    void on_event_result(const std::optional<Error>& failure);
    void on_finish_result(Result<FinishedAndClaimed>& result);
    void on_finish_error(const Error& error);
    void on_ledger_moved(const Error& error);
    void finish_when_ready();
    void check_cancel(const HeartbeatReply& reply);
    void report_trouble(const Error& error);
    void set_lost();
    bool ended() const { return lost_ || ending_.has_value(); }

    SupervisorContext& context_;
    const Clock& clock_;
    const Config config_;
    AttemptCallbacks callbacks_;
    std::optional<ProcessIdentity> unnoted_process_;
    std::optional<Report> report_;   ///< Not sent yet.
    bool reporting_ = false;         ///< A report is being written.
    std::deque<NotedEvent> events_;  ///< Not written yet; the first is being written.
    bool heartbeat_pending_ = false;
    /// What a poll has read.
    struct Polled {
        bool is_going = false;  ///< Running, and no cancel was requested.
        std::optional<double> progress;
    };
    std::optional<double> progress_;  ///< As of the last poll.
    bool polling_ = false;
    bool poll_again_ = false;
    bool cancel_known_ = false;
    bool lost_ = false;
    bool finishing_ = false;  ///< A finish is being written.
    bool move_reported_ = false;
    std::optional<Ending> ending_;
    Timer heartbeat_timer_;
    Timer poll_timer_;
    Timer note_timer_;
    Timer report_timer_;
    Timer event_retry_;
    Timer finish_retry_;
};

}  // namespace atlasjob
