#pragma once

#include "runner/attempt/attempt_output.h"
#include "runner/attempt/attempt_reporter.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/ending.h"
#include "runner/attempt/foreground.h"
#include "runner/attempt/process_tree_terminator.h"
#include "runner/attempt/supervisor.h"

namespace atlasjob {

/// The state of one attempt from spawn to its committed end. Each step follows from
/// an event of the loop:
///   start ──► command ends ──► strays are gone ──► output drained ──► finish committed ──► leave
///     └─────────────── did not start ───────────────────────────────────────▲
/// Belongs to the place's loop, which nobody else stops meanwhile. One at a time in a place.
class Supervision {
  public:
    Supervision(
        SupervisorContext& place,
        const Clock& clock,
        const Attempt& attempt,
        const SuperviseOptions& options);

    SuperviseResult run();
    /// Claims nothing with the finish. In the loop, as what follows.
    void claim_nothing();
    /// Ends the command now, with reason shutdown; what has ended by itself keeps its own outcome.
    void shut_down();

  private:
    AttemptCallbacks news();
    AttemptOutput::Setup output_setup() const;
    SpawnRequest spawn_request(int input) const;
    UniqueFd own_input() const;
    int input_of_command(int own) const;
    std::variant<ProcessHandle, SpawnFailure> spawn_command();
    void require_log();
    bool command_runs() const { return takedown_ && !ending_.status; }

    void start();
    void stop_for(StopCause cause, milliseconds grace);
    void lost();
    void interrupted(int signo);
    void finish_delayed(const Error& error);
    void asked_to_stop();
    void command_ended();
    void leave_terminal();
    void all_gone();
    void finish();
    void take_output_failure();
    void leave_when_done();
    void end_at_once();

    const Attempt& attempt_;
    const SuperviseOptions& options_;
    const Clock& clock_;
    SupervisorContext& place_;
    std::optional<ClaimRequest> next_;
    Ending ending_;
    SuperviseResult result_;
    bool lost_ = false;       ///< The attempt is somebody else's: nothing is recorded.
    bool gone_ = false;       ///< Nothing of the command is left.
    bool over_ = false;       ///< Committed or lost: only our own outputs may be behind.
    bool impatient_ = false;  ///< Interrupted when nothing but the finish was left to do.
    std::optional<Error> finish_trouble_;  ///< Why it has not been committed yet.
    ProcessHandle command_;
    std::optional<ForegroundTerminal> terminal_;
    std::optional<AttemptOutput> output_;
    std::optional<InputPipe> input_;
    std::optional<ProcessTreeTerminator> takedown_;
    std::optional<FdWatch> command_end_;
    Timer timeout_;
    Timer stop_timer_;
    std::optional<ForegroundSignals> signals_;
    std::vector<SignalWatch> shutdown_signals_;
    // Last: its thread is gone before what its answers touch.
    AttemptReporter ledger_;
};

}  // namespace atlasjob
