#pragma once

#include "base/clock.h"
#include "runner/attempt/report_channel.h"
#include "runner/attempt/supervisor.h"

#include <deque>

namespace atlasjob {

/// What a supervisor hears from the ledger. Each is called in the loop.
struct AttemptCallbacks {
    /// Somebody asked to stop the job. At most once.
    std::function<void(milliseconds grace)> cancel_requested;
    /// The finish brought a further attempt. At most once, before finished() or lost().
    std::function<void(Claim)> claimed;
    /// The finish may have brought a further attempt: the outcome of its commit is unknown. Before
    /// delayed() or lost().
    std::function<void()> claim_unclear;
    /// The attempt is not ours any more: nothing we write counts. At most once, and nothing after.
    /// While a finish is on its way not before its answer: a claim in it must find somebody.
    std::function<void()> lost;
    /// The finish was committed.
    std::function<void(const Finished&)> finished;
    /// The finish could not be committed yet and will be tried again.
    std::function<void(const Error&)> delayed;
    /// A write failed for good and was given up.
    std::function<void(const Error&)> trouble;
};

/// One attempt's conversation with the ledger: notes its process, keeps its lease, brings its
/// reports in few enough writes, hears of a cancel, and finishes it however long that takes.
/// Belongs to the loop's thread; all Store verbs run on the place's ledger thread, which nobody
/// else asks anything meanwhile, but for a finish that may stall the loop.
class AttemptReporter {
  public:
    struct Config {
        AttemptKey key;
        std::string actor;
        Timings timings;
        std::function<std::int64_t()> log_bytes;  ///< For the heartbeats; called in the loop.
        /// Whether the finish may stall the loop: nobody looks on.
        bool may_stall = false;
    };

    /// Begins heartbeats and listening at once.
    AttemptReporter(
        SupervisorContext& place, const Clock& clock, Config config, AttemptCallbacks news);
    AttemptReporter(const AttemptReporter&) = delete;
    AttemptReporter& operator=(const AttemptReporter&) = delete;
    ~AttemptReporter();

    /// Which process runs the command. Noted after Timings::note, and again with the heartbeats
    /// until the ledger has it; at the latest with the finish.
    void note_process(const ProcessIdentity& process);
    /// Takes a report; what comes faster than Timings::report becomes one write.
    void report(Report newer);
    /// Adds something to the job's history (Store::note_event). One after the other in that order,
    /// all of them before the finish, none of them twice: one whose commit's outcome is unknown is
    /// not tried again.
    void note_event(std::string type);
    /// Ends the attempt as of now. Tried again for as long as the ledger is unavailable or the
    /// outcome of the commit unknown; any other Error is thrown in the loop. `next` is claimed with
    /// it, as one step, if that comes off at once: a claim would not be of now any more. Where the
    /// ledger's file is gone the finish is given up: that is trouble, and the attempt lost.
    void finish(const Outcome& outcome, const std::optional<ClaimRequest>& next);

    /// Whether no Store verb is running or waiting to.
    bool idle() const { return place_.ledger.idle(); }

  private:
    struct Ending {
        Outcome outcome;
        std::optional<ClaimRequest> next;
        Time at;
        milliseconds retry;
        int moved_looks = 0;  ///< How often the ledger was not where it could be written.
    };

    struct NotedEvent {
        std::string type;
        Time at;
    };

    void beat();
    void look();
    void send_report();
    void send_event();
    void send_note();
    void send_finish();
    FinishedAndClaimed finish_in(Store& store, const Ending& ending) const;
    void take(const Result<std::optional<HeartbeatReply>>& answer);
    void take_report(const Result<std::optional<HeartbeatReply>>& answer, const Report& sent);
    void take_event(const std::optional<Error>& failure);
    void take_finish(Result<FinishedAndClaimed>& answer);
    void take_failed_finish(const Error& error);
    void take_moved_finish(const Error& error);
    void finish_when_ready();
    void take_beat(const HeartbeatReply& beat);
    void tell_trouble(const Error& error);
    void become_lost();
    bool quiet() const { return lost_ || ending_.has_value(); }

    SupervisorContext& place_;
    const Clock& clock_;
    const Config config_;
    AttemptCallbacks news_;
    std::optional<ProcessIdentity> unnoted_;
    std::optional<Report> report_;   ///< Not sent yet.
    bool reporting_ = false;         ///< One report is on its way.
    std::deque<NotedEvent> events_;  ///< Not in the ledger yet; the first is on its way.
    bool beating_ = false;
    bool looking_ = false;
    bool look_again_ = false;
    bool cancel_known_ = false;
    bool lost_ = false;
    bool finishing_ = false;  ///< A finish is on its way.
    bool moved_told_ = false;
    std::optional<Ending> ending_;
    Timer heartbeat_;
    Timer looks_;
    Timer note_;
    Timer report_rest_;
    Timer event_retry_;
    Timer retry_;
};

}  // namespace atlasjob
