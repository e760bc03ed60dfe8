#pragma once

#include "runner/attempt/attempt_output.h"
#include "runner/attempt/attempt_reporter.h"
#include "runner/attempt/ending.h"
#include "runner/attempt/foreground.h"
#include "runner/attempt/process_tree_terminator.h"
#include "runner/attempt/supervisor.h"

namespace atlasjob {

/// One attempt, from spawn to its committed end. Driven by events of the loop:
///   start ──► command exits ──► descendants gone ──► output drained ──► finish committed ──► done
///     └─────────────── failed to start ──────────────────────────────────────▲
/// Belongs to the loop of the context, which nothing else may stop meanwhile. Only one at a time
/// may use a context.
class Supervision {
  public:
    Supervision(
        SupervisorContext& context,
        const Clock& clock,
        const Attempt& attempt,
        const SuperviseOptions& options);

    [[nodiscard]] SuperviseResult run();
    /// Claims no further attempt with the finish. Call it in the loop.
    void claim_nothing();
    /// Stops the command with reason shutdown; a command that has already exited keeps its outcome.
    /// Call it in the loop.
    void shut_down();
    /// This process received a signal to stop. If the command dies of one at the same time (50 ms
    /// before to 1 s after it), because a service manager stops all processes of their unit, the
    /// job ends with reason shutdown.
    void on_stop_signal();

  private:
    AttemptCallbacks callbacks();
    AttemptOutput::Setup output_setup() const;
    SpawnRequest spawn_request(int input) const;
    ProcessAttributes attributes_of_command() const;
    UniqueFd open_default_input() const;
    int input_of_command(int default_input) const;
    std::variant<ProcessHandle, SpawnFailure> spawn_command();
    void require_log();
    bool command_runs() const { return terminator_ && !ending_.status; }

    void start();
    void show_progress(const std::optional<double>& progress);
    void stop_for(StopCause cause, milliseconds grace);
    void on_lost();
    void on_interrupt(int signo);
    void on_finish_delayed(const Error& error);
    void suspend();
    void on_child_exit();
    void on_command_exit();
    bool may_be_stopped_with_unit() const;
    bool is_just_told_to_stop() const;
    void end_descendants();
    void leave_terminal();
    void on_tree_gone();
    void finish();
    void report_log_loss();
    void record_output_failure();
    void stop_when_done();
    void kill_everything();

    const Attempt& attempt_;
    const SuperviseOptions& options_;
    const milliseconds grace_;  ///< Before KILL, unless a cancel gives another.
    SupervisorContext& context_;
    std::optional<ClaimRequest> next_;
    Ending ending_;
    SuperviseResult result_;
    bool lost_ = false;       ///< The attempt was reaped or ended elsewhere; nothing is recorded.
    bool tree_gone_ = false;  ///< The command and its descendants are gone.
    std::optional<std::chrono::steady_clock::time_point> stop_signalled_at_;  ///< The last one.
    bool over_ = false;     ///< Committed or lost; only forwarding may be unfinished.
    bool give_up_ = false;  ///< The user interrupted while only the finish was pending.
    std::optional<Error> finish_error_;  ///< Why the finish is not committed yet.
    ProcessHandle command_;
    std::optional<ForegroundTerminal> terminal_;
    std::optional<AttemptOutput> output_;
    std::unique_ptr<InputPipe> input_;
    std::optional<ProcessTreeTerminator> terminator_;
    std::optional<FdWatch> exit_watch_;
    Timer timeout_;
    Timer suspend_timer_;
    Timer exit_timer_;
    std::optional<ForegroundSignals> signals_;
    std::vector<SignalWatch> shutdown_signals_;
    SignalWatch child_signal_;
    // Last, so that it is destroyed before everything its callbacks use.
    AttemptReporter reporter_;
};

}  // namespace atlasjob
