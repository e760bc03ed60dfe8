#include "runner/attempt/supervision.h"

#include "base/error.h"
#include "base/printable.h"
#include "base/signals.h"
#include "ledger/limits.h"
#include "process/identity.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>

namespace atlasjob {

namespace {

/// How often suspend() checks whether the executor is idle.
constexpr milliseconds kSuspendPollInterval{10};

/// Timings::partial of an interactive command: its prompts have no line end, and users wait for
/// them.
constexpr milliseconds kPromptDelay{50};

/// How much later than its command a supervisor may learn that both were told to stop.
constexpr milliseconds kStopSignalDelay{50};

/// How long a command may take to die of a signal that its supervisor received, too: it may tidy up
/// first, or have to wait for a CPU. One that dies later was killed by somebody else.
constexpr milliseconds kStopReaction{1000};

int kill_signal_of(const CommandSpec& command) {
    return command.kill_signal ? parse_signal(*command.kill_signal).value_or(SIGTERM) : SIGTERM;
}

}  // namespace

Supervision::Supervision(
    SupervisorContext& context,
    const Clock& clock,
    const Attempt& attempt,
    const SuperviseOptions& options)
    : attempt_(attempt),
      options_(options),
      grace_(attempt.command.grace.value_or(options.timings.grace)),
      context_(context),
      next_(options.next),
      timeout_(context.loop, [this] { stop_for(StopCause::timeout, grace_); }),
      suspend_timer_(context.loop, [this] { suspend(); }),
      exit_timer_(context.loop, [this] { end_descendants(); }),
      child_signal_(context.loop, SIGCHLD, [this] { on_child_exit(); }),
      reporter_(
          context,
          clock,
          {attempt.key, options.actor, options.timings,
           [this] { return output_ ? output_->log().bytes() : 0; }, !options.foreground},
          callbacks()) {
    ending_.timeout = attempt.timeout;
    if (options.detached) {
        for (const int signo : {SIGINT, SIGTERM, SIGHUP})
            shutdown_signals_.emplace_back(context.loop, signo, [this] { shut_down(); });
    }
    if (!options.foreground) return;
    signals_.emplace(
        context.loop, ForegroundSignals::Calls{
                          [this](int signo) { on_interrupt(signo); },
                          [this](int signo) {
                              if (command_runs()) send_signal(command_, signo);
                          },
                          [this] { suspend(); }});
}

AttemptCallbacks Supervision::callbacks() {
    return {
        [this](std::optional<milliseconds> grace) {
            stop_for(StopCause::cancel, grace.value_or(grace_));
        },
        [this](Claim claim) { result_.claim = std::move(claim); },
        [this] { result_.claim_unclear = true; },
        [this] { on_lost(); },
        [this](const Finished& finished) {
            result_.finished = finished;
            over_ = true;
            stop_when_done();
        },
        [this](const Error& error) { on_finish_delayed(error); },
        [this](const Error& error) {
            if (error.code() == ErrorCode::ledger_moved) result_.unrecorded = error;
            if (output_) output_->log().note(error.message());
        },
        [this](const std::optional<double>& progress) { show_progress(progress); }};
}

SuperviseResult Supervision::run() {
    try {
        start();
        context_.loop.run();
        // Forwarding may have failed after the end was recorded.
        record_output_failure();
    } catch (...) {
        kill_everything();
        throw;
    }
    return std::move(result_);
}

void Supervision::start() {
    auto spawned = spawn_command();
    if (input_) input_->close_command_end();
    if (options_.on_started) options_.on_started();
    if (auto* failure = std::get_if<SpawnFailure>(&spawned)) {
        ending_.failure = std::move(*failure);
        input_.reset();
        finish();
        return;
    }
    command_ = std::move(std::get<ProcessHandle>(spawned));
    output_->close_command_ends();
    show_progress({});
    if (const auto process = identify(command_.pid)) reporter_.note_process(*process);
    terminator_.emplace(
        context_.loop, context_.subreaper,
        ProcessTreeTerminator::Target{command_, kill_signal_of(attempt_.command)},
        ProcessTreeTerminator::Calls{
            [this] { on_tree_gone(); },
            [this](pid_t pid) {
                output_->log().note(
                    fmt::format("process {} belongs to another user and was left running", pid));
            }});
    exit_watch_.emplace(context_.loop, command_.pidfd.get(), FdWatch::Ready::readable, [this] {
        on_command_exit();
    });
    if (attempt_.timeout) timeout_.start(*attempt_.timeout);
}

std::variant<ProcessHandle, SpawnFailure> Supervision::spawn_command() {
    try {
        if (options_.tty) terminal_.emplace(context_.loop, !attempt_.command.input);
        output_.emplace(
            context_.loop, context_.logs, output_setup(),
            AttemptOutput::Calls{
                [this](Report report) { reporter_.report(std::move(report)); },
                [this] { stop_when_done(); }});
        require_log();
        if (options_.interactive)
            input_ =
                context_.logs.input().open(attempt_.key.job_id, attempt_.key.attempt.value_or(1));
        const UniqueFd default_input = open_default_input();
        return spawn(spawn_request(input_of_command(default_input.get())));
    } catch (const Error& error) {
        return SpawnFailure{
            SpawnFailure::Stage::resources,
            fmt::format(
                "cannot start \"{}\": {}", escape_controls(attempt_.command.argv[0]),
                error.message())};
    }
}

/// In the background, output that is not logged would be lost.
void Supervision::require_log() {
    const auto why = output_->log().why_unwritable();
    if (!why || options_.foreground) return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot write its log in {}: {}", context_.logs.display(), *why));
}

/// The fixed input of the command, or /dev/null.
UniqueFd Supervision::open_default_input() const {
    const auto& input = attempt_.command.input;
    return input ? make_input(*input) : open_file("/dev/null", O_RDONLY);
}

/// The descriptor that becomes the command's standard input; -1 for its terminal.
int Supervision::input_of_command(int default_input) const {
    if (attempt_.command.input) return default_input;
    if (input_) return input_->command_end();
    if (terminal_) return -1;
    const bool inherit = options_.foreground && fcntl(STDIN_FILENO, F_GETFD) != -1;
    return inherit ? STDIN_FILENO : default_input;
}

AttemptOutput::Setup Supervision::output_setup() const {
    const CommandSpec& command = attempt_.command;
    AttemptOutput::Setup setup{
        {attempt_.key.job_id, attempt_.key.attempt.value_or(1),
         command.log_limit_bytes.value_or(kDefaultLogLimitBytes)}};
    setup.forward = options_.foreground;
    setup.shows_progress = options_.progress_text != nullptr;
    setup.collect = command.result_from == ResultFrom::standard_output;
    setup.joined = options_.foreground && !terminal_ && !setup.collect && outputs_are_one();
    setup.partial = options_.timings.partial;
    if (options_.interactive) setup.partial = std::min(setup.partial, kPromptDelay);
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
    if (command.attributes) request.attributes = attributes_of_command();
    if (terminal_) request.terminal = terminal_->path();
    return request;
}

void Supervision::show_progress(const std::optional<double>& progress) {
    if (options_.progress_text && output_) output_->show(options_.progress_text(progress));
}

ProcessAttributes Supervision::attributes_of_command() const {
    const ProcessAttributes wanted = parse_attributes(attempt_.command.attributes.value_or(""));
    return options_.bounds ? stricter_of(wanted, *options_.bounds) : wanted;
}

void Supervision::stop_for(StopCause cause, milliseconds grace) {
    // A command that exited before it was signalled keeps its own outcome.
    if (!command_runs() || ended(command_)) return;
    const bool first = ending_.cause == StopCause::none;
    if (!first && ending_.cause != StopCause::interrupt) return;
    const bool reached = terminator_->terminate(grace) == Signalled::sent;
    if (reached && first) ending_.cause = cause;
}

void Supervision::claim_nothing() {
    next_.reset();
}

void Supervision::on_stop_signal() {
    stop_signalled_at_ = std::chrono::steady_clock::now();
}

void Supervision::shut_down() {
    on_stop_signal();
    claim_nothing();
    stop_for(StopCause::shutdown, grace_);
}

void Supervision::on_lost() {
    lost_ = true;
    stop_for(StopCause::lost, grace_);
    if (tree_gone_ || ending_.failure) finish();
}

void Supervision::on_interrupt(int signo) {
    if (command_runs()) {
        if (ended(command_)) return;
        const bool reached = terminator_->forward(signo) == Signalled::sent;
        if (reached && ending_.cause == StopCause::none) ending_.cause = StopCause::interrupt;
        // Without a grace of its own, the command decides whether it ends: it may be a shell.
        if (reached && attempt_.command.grace) terminator_->kill_later(grace_);
    } else if (terminator_ && !tree_gone_) {
        terminator_->kill_now();  // the descendants that the command left behind
    } else if (over_) {
        if (output_) output_->stop_forwarding();
        stop_when_done();
    } else {
        give_up_ = true;
        if (finish_error_) on_finish_delayed(*finish_error_);
    }
}

/// The user may interrupt the wait for an unavailable ledger.
void Supervision::on_finish_delayed(const Error& error) {
    if (give_up_) throw Error{error};
    finish_error_ = error;
}

/// Stops the command and this process on Ctrl-Z. The command needs SIGSTOP, because it is in a
/// session of its own, which the terminal does not signal, and orphaned process groups ignore TSTP.
/// Waits until no Store verb is running, as one that holds the write lock would block all writers.
void Supervision::suspend() {
    if (!reporter_.idle()) {
        suspend_timer_.start(kSuspendPollInterval);
        return;
    }
    const bool running = command_runs();
    if (running) signal_session(command_, SIGSTOP);
    if (terminal_) terminal_->suspend();
    kill(getpid(), SIGSTOP);
    if (terminal_ && running) terminal_->resume();
    if (running) signal_session(command_, SIGCONT);
}

/// Reaps orphans as they die. While descendants are being terminated, the terminator does.
void Supervision::on_child_exit() {
    // The command itself is left to on_command_exit().
    if (command_runs() && !ended(command_)) context_.subreaper.reap_orphans({&command_.pid, 1});
    if (tree_gone_) context_.subreaper.reap_orphans({});
}

void Supervision::on_command_exit() {
    ending_.status = ended(command_);
    if (!ending_.status) {
        throw Error(
            ErrorCode::internal, "the command was reaped before its exit status could be read");
    }
    exit_watch_.reset();
    input_.reset();
    timeout_.stop();
    if (terminal_) leave_terminal();
    if (!may_be_stopped_with_unit()) return end_descendants();
    // Its death may be noticed before the signal to this process.
    exit_timer_.start(is_just_told_to_stop() ? milliseconds{0} : kStopSignalDelay);
}

/// Whether the command died of a signal that a service manager sends to every process of a unit.
bool Supervision::may_be_stopped_with_unit() const {
    const int signo = ending_.status ? ending_.status->signo().value_or(0) : 0;
    return !options_.foreground && ending_.cause == StopCause::none
           && (signo == SIGTERM || signo == SIGHUP);
}

bool Supervision::is_just_told_to_stop() const {
    return stop_signalled_at_
           && std::chrono::steady_clock::now() - *stop_signalled_at_ <= kStopReaction;
}

void Supervision::end_descendants() {
    if (is_just_told_to_stop() && may_be_stopped_with_unit()) ending_.cause = StopCause::shutdown;
    if (attempt_.command.keep_strays) {
        terminator_.reset();
        on_tree_gone();
    } else {
        terminator_->terminate_descendants(options_.timings.descendant_grace);
    }
}

/// Shows the command's last output while the user's terminal is still raw, as it was written for
/// that. A command killed by a key typed at its terminal counts as interrupted, like one that
/// received a forwarded signal.
void Supervision::leave_terminal() {
    output_->read_available();
    terminal_->stop();
    const int interrupt_status = ending_.status->shell_status() - 128;
    const bool interrupted = interrupt_status == SIGINT || interrupt_status == SIGQUIT;
    if (interrupted && terminal_->interrupt_typed() && ending_.cause == StopCause::none)
        ending_.cause = StopCause::interrupt;
}

void Supervision::on_tree_gone() {
    reap(command_.pid);
    context_.subreaper.reap_orphans({});
    output_->finish();
    if (attempt_.command.result_from == ResultFrom::standard_output) {
        ending_.output = output_->collected();
        ending_.output_too_long = output_->collected_too_long();
    }
    tree_gone_ = true;
    finish();
}

void Supervision::finish() {
    if (over_) return;
    record_output_failure();
    result_.outcome = outcome_of(ending_);
    result_.outcome.log_bytes = output_ ? output_->log().bytes() : 0;
    report_log_loss();
    if (lost_) {
        over_ = true;
        stop_when_done();
    } else {
        reporter_.finish(result_.outcome, next_);
    }
}

void Supervision::report_log_loss() {
    if (!output_ || output_->log().lost_bytes() == 0) return;
    result_.log_loss = fmt::format(
        "{} bytes of its output could not be stored: {}", output_->log().lost_bytes(),
        output_->log().why_unwritten());
    reporter_.note_event("log_incomplete", clipped(escape_controls(*result_.log_loss), 400));
}

void Supervision::record_output_failure() {
    if (output_) ending_.output_failure = output_->failure();
    result_.output_failure = ending_.output_failure;
    result_.exit_status = exit_status_of(ending_);
}

void Supervision::stop_when_done() {
    if (over_ && !(output_ && output_->congested())) context_.loop.stop();
}

/// After an internal error: kills the command and its descendants, as they can no longer be
/// watched.
void Supervision::kill_everything() {
    if (!terminator_ || tree_gone_) return;
    signal_session(command_, SIGKILL);
    await_end({&command_, 1}, -1);
    for (const ProcessHandle& process : context_.subreaper.descendants(command_.pid))
        send_signal(process, SIGKILL);
    reap(command_.pid);
}

}  // namespace atlasjob
