#include "runner/attempt/supervision.h"

#include "base/error.h"
#include "process/identity.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace atlasjob {

namespace {

/// Between two looks whether the ledger thread has come to rest, once we were asked to stop.
constexpr milliseconds kStopMinInterval{10};

/// A prompt has no line end; whoever speaks with a command waits for it.
constexpr milliseconds kPromptMinInterval{50};

}  // namespace

Supervision::Supervision(
    SupervisorContext& place,
    const Clock& clock,
    const Attempt& attempt,
    const SuperviseOptions& options)
    : attempt_(attempt),
      options_(options),
      clock_(clock),
      place_(place),
      next_(options.next),
      timeout_(place.loop, [this] { stop_for(StopCause::timeout, options_.timings.grace); }),
      stop_timer_(place.loop, [this] { asked_to_stop(); }),
      ledger_(
          place,
          clock,
          {attempt.key, options.actor, options.timings,
           [this] { return output_ ? output_->log().bytes() : 0; }, !options.foreground},
          news()) {
    ending_.timeout = attempt.timeout;
    if (options.detached) {
        for (const int signo : {SIGINT, SIGTERM, SIGHUP})
            shutdown_signals_.emplace_back(place.loop, signo, [this] { shut_down(); });
    }
    if (!options.foreground) return;
    signals_.emplace(
        place.loop, ForegroundSignals::Calls{
                        [this](int signo) { interrupted(signo); }, [this] { asked_to_stop(); }});
}

AttemptCallbacks Supervision::news() {
    return {
        [this](milliseconds grace) { stop_for(StopCause::cancel, grace); },
        [this](Claim claim) { result_.claim = std::move(claim); },
        [this] { result_.claim_unclear = true; },
        [this] { lost(); },
        [this](const Finished& finished) {
            result_.finished = finished;
            over_ = true;
            leave_when_done();
        },
        [this](const Error& error) { finish_delayed(error); },
        [this](const Error& error) {
            if (error.code() == ErrorCode::ledger_moved) result_.unrecorded = error;
            if (output_) output_->log().note(error.message());
        }};
}

SuperviseResult Supervision::run() {
    try {
        start();
        place_.loop.run();
        // What was behind when the end was recorded has been passed on by now, or not.
        take_output_failure();
    } catch (...) {
        end_at_once();
        throw;
    }
    return std::move(result_);
}

void Supervision::start() {
    auto spawned = spawn_command();
    if (input_) input_->close_command_end();
    if (options_.begun) options_.begun();
    if (auto* failure = std::get_if<SpawnFailure>(&spawned)) {
        ending_.failure = std::move(*failure);
        input_.reset();
        finish();
        return;
    }
    command_ = std::move(std::get<ProcessHandle>(spawned));
    output_->close_command_ends();
    if (const auto process = identify(command_.pid)) ledger_.note_process(*process);
    takedown_.emplace(
        place_.loop, place_.subreaper, command_,
        ProcessTreeTerminator::Calls{
            [this] { all_gone(); },
            [this](pid_t pid) {
                output_->log().note(
                    fmt::format("process {} belongs to another user and was left running", pid));
            }});
    command_end_.emplace(
        place_.loop, command_.pidfd.get(), FdWatch::Ready::readable, [this] { command_ended(); });
    if (attempt_.timeout) timeout_.start(*attempt_.timeout);
}

std::variant<ProcessHandle, SpawnFailure> Supervision::spawn_command() {
    try {
        if (options_.tty) terminal_.emplace(place_.loop, !attempt_.command.input);
        output_.emplace(
            place_.loop, clock_, output_setup(),
            AttemptOutput::Calls{
                [this](Report report) { ledger_.report(std::move(report)); },
                [this] { leave_when_done(); }});
        require_log();
        if (options_.interactive)
            input_.emplace(
                options_.logs_root, attempt_.key.job_id, attempt_.key.attempt.value_or(1));
        const UniqueFd own = own_input();
        return spawn(spawn_request(input_of_command(own.get())));
    } catch (const Error& error) {
        return SpawnFailure{
            SpawnFailure::Stage::resources,
            fmt::format("cannot start \"{}\": {}", attempt_.command.argv[0], error.message())};
    }
}

/// Where nobody looks on, output that is not kept is lost.
void Supervision::require_log() {
    const auto obstacle = output_->log().why_unwritable();
    if (!obstacle || options_.foreground) return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format("its log cannot be kept in {}: {}", options_.logs_root, *obstacle));
}

UniqueFd Supervision::own_input() const {
    const auto& input = attempt_.command.input;
    return input ? make_input(*input) : open_file("/dev/null", O_RDONLY);
}

/// Which descriptor the command reads, given the one of its own; -1: its terminal.
int Supervision::input_of_command(int own) const {
    if (attempt_.command.input) return own;
    if (input_) return input_->command_end();
    if (terminal_) return -1;
    const bool ours = options_.foreground && fcntl(STDIN_FILENO, F_GETFD) != -1;
    return ours ? STDIN_FILENO : own;
}

AttemptOutput::Setup Supervision::output_setup() const {
    const CommandSpec& command = attempt_.command;
    AttemptOutput::Setup setup{
        {options_.logs_root, attempt_.key.job_id, attempt_.key.attempt.value_or(1),
         command.log_limit_bytes.value_or(kDefaultLogLimitBytes)}};
    setup.pass_through = options_.foreground;
    setup.collect = command.result_from == ResultFrom::standard_output;
    setup.partial = options_.timings.partial;
    if (options_.interactive) setup.partial = std::min(setup.partial, kPromptMinInterval);
    setup.progress_from = command.progress_from;
    setup.progress = options_.timings.report;
    setup.terminal = terminal_ ? &*terminal_ : nullptr;
    return setup;
}

SpawnRequest Supervision::spawn_request(int input) const {
    const CommandSpec& command = attempt_.command;
    const auto [out, err, report] = output_->command_ends();
    SpawnRequest request{
        command.argv, command.environment, command.cwd, command.umask, {input, out, err, report}};
    set_context(
        request.environment, {attempt_.key.job_id.str(), attempt_.key.attempt.value_or(1),
                              options_.ledger, attempt_.owner});
    if (terminal_) request.terminal = terminal_->path();
    return request;
}

void Supervision::stop_for(StopCause cause, milliseconds grace) {
    // A command that ended before it was signalled keeps its own outcome.
    if (!command_runs() || ended(command_)) return;
    const bool first = ending_.cause == StopCause::none;
    if (!first && ending_.cause != StopCause::interrupt) return;
    const bool reached = takedown_->terminate(grace) == Signalled::sent;
    if (reached && first) ending_.cause = cause;
}

void Supervision::claim_nothing() {
    next_.reset();
}

void Supervision::shut_down() {
    claim_nothing();
    stop_for(StopCause::shutdown, options_.timings.grace);
}

void Supervision::lost() {
    lost_ = true;
    stop_for(StopCause::lost, options_.timings.grace);
    if (gone_ || ending_.failure) finish();
}

void Supervision::interrupted(int signo) {
    if (command_runs()) {
        if (ended(command_)) return;
        const bool reached = takedown_->forward(signo) == Signalled::sent;
        if (reached && ending_.cause == StopCause::none) ending_.cause = StopCause::interrupt;
    } else if (takedown_ && !gone_) {
        takedown_->kill_now();  // of what the command left behind
    } else if (over_) {
        if (output_) output_->stop_passing_on();
        leave_when_done();
    } else {
        impatient_ = true;
        if (finish_trouble_) finish_delayed(*finish_trouble_);
    }
}

/// Somebody who waits for a ledger that cannot be used may stop waiting.
void Supervision::finish_delayed(const Error& error) {
    if (impatient_) throw Error{error};
    finish_trouble_ = error;
}

/// The command is in a session of its own, where the terminal's Ctrl-Z does not reach it (and an
/// orphaned group may ignore TSTP): STOP does. We stop only while no Store verb runs: one that
/// holds the write gate would hold up every other writer.
void Supervision::asked_to_stop() {
    if (!ledger_.idle()) {
        stop_timer_.start(kStopMinInterval);
        return;
    }
    const bool running = command_runs();
    if (running) signal_session(command_, SIGSTOP);
    if (terminal_) terminal_->suspend();
    kill(getpid(), SIGSTOP);
    if (terminal_ && running) terminal_->resume();
    if (running) signal_session(command_, SIGCONT);
}

void Supervision::command_ended() {
    ending_.status = ended(command_);
    if (!ending_.status) {
        throw Error(
            ErrorCode::internal, "the command has ended and somebody else took its exit status");
    }
    command_end_.reset();
    input_.reset();
    timeout_.stop();
    if (terminal_) leave_terminal();
    if (attempt_.command.keep_strays) {
        takedown_.reset();
        all_gone();
    } else {
        takedown_->terminate_descendants(options_.timings.stray_grace);
    }
}

/// A command that died of a key typed at its terminal was interrupted, as by a signal to us.
void Supervision::leave_terminal() {
    terminal_->stop();
    const int interrupt_status = ending_.status->shell_status() - 128;
    const bool interrupted = interrupt_status == SIGINT || interrupt_status == SIGQUIT;
    if (interrupted && terminal_->interrupt_typed() && ending_.cause == StopCause::none)
        ending_.cause = StopCause::interrupt;
}

void Supervision::all_gone() {
    reap(command_.pid);
    place_.subreaper.reap_orphans({});
    output_->finish();
    if (attempt_.command.result_from == ResultFrom::standard_output) {
        ending_.output = output_->collected();
        ending_.output_too_long = output_->collected_too_long();
    }
    gone_ = true;
    finish();
}

void Supervision::finish() {
    if (over_) return;
    take_output_failure();
    result_.outcome = outcome_of(ending_);
    result_.outcome.log_bytes = output_ ? output_->log().bytes() : 0;
    if (lost_) {
        over_ = true;
        leave_when_done();
    } else {
        ledger_.finish(result_.outcome, next_);
    }
}

void Supervision::take_output_failure() {
    if (output_) ending_.output_failure = output_->failure();
    result_.output_failure = ending_.output_failure;
    result_.exit_status = exit_status_of(ending_);
}

void Supervision::leave_when_done() {
    if (over_ && !(output_ && output_->congested())) place_.loop.stop();
}

/// Only when this program is broken: what it can no longer watch must not go on.
void Supervision::end_at_once() {
    if (!takedown_ || gone_) return;
    signal_session(command_, SIGKILL);
    await_end({&command_, 1}, -1);
    for (const ProcessHandle& stray : place_.subreaper.descendants(command_.pid))
        send_signal(stray, SIGKILL);
    reap(command_.pid);
}

SuperviseResult supervise(
    Store& store, const Clock& clock, const Attempt& attempt, const SuperviseOptions& options) {
    SupervisorContext place{store};
    Supervision supervision{place, clock, attempt, options};
    return supervision.run();
}

}  // namespace atlasjob
