#include "runner/attempt/ending.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/signals.h"
#include "ledger/limits.h"

#include <fmt/format.h>

namespace atlasjob {

namespace {

constexpr int kOwnFailure = 125;

void set_error(Outcome& outcome, Reason reason, std::string_view text) {
    outcome.status = Status::error;
    outcome.reason = reason;
    outcome.error_code = std::string{to_string(reason)};
    outcome.error = clipped(text);
}

void set_result(Outcome& outcome, const Ending& ending) {
    if (ending.output_too_long) {
        set_error(
            outcome, Reason::invalid_result,
            fmt::format(
                "command's output exceeds the maximum of {} bytes for a result", kMaxResult));
    } else if (ending.output) {
        outcome.result = compact_json(*ending.output);
        if (!outcome.result)
            set_error(outcome, Reason::invalid_result, "command's output is not JSON");
    }
}

/// The job must not be done, or dependent jobs would work with incomplete output.
void set_output_lost(Outcome& outcome, const OutputFailure& failure) {
    outcome.status = Status::error;
    outcome.error_code = "output_lost";
    outcome.error = clipped(fmt::format(
        "command exited with 0, but its output could not be written to {}", to_string(failure)));
    outcome.result.reset();
}

void set_status(Outcome& outcome, const Ending& ending) {
    const ExitStatus& status = *ending.status;
    if (status.success()) {
        set_result(outcome, ending);
        if (ending.output_failure) set_output_lost(outcome, *ending.output_failure);
        return;
    }
    set_error(
        outcome, status.signo() ? Reason::signal : Reason::exit_code,
        "command " + status.to_string());
}

int exit_status_of_command(const Ending& ending) {
    if (ending.failure) return ending.failure->shell_status();
    if (!ending.status) return kOwnFailure;
    return ending.cause == StopCause::timeout ? 124 : ending.status->shell_status();
}

}  // namespace

std::string to_string(const OutputFailure& failure) {
    return fmt::format(
        "standard {}: {}", failure.stream == Stream::standard_output ? "output" : "error",
        errno_text(failure.error));
}

Outcome outcome_of(const Ending& ending) {
    Outcome outcome;
    if (!ending.status) {
        const std::string why = ending.failure ? ending.failure->reason : "command did not start";
        set_error(outcome, Reason::start_failed, why);
        // As a shell reports it; kOwnFailure is not the command's.
        const int exit_status = exit_status_of_command(ending);
        if (exit_status != kOwnFailure) outcome.exit_code = exit_status;
        return outcome;
    }
    outcome.exit_code = ending.status->code();
    if (const auto signo = ending.status->signo()) outcome.signal = signal_name(*signo);
    switch (ending.cause) {
        case StopCause::cancel:
        case StopCause::interrupt:
            outcome.status = Status::cancelled;
            outcome.reason = Reason::user;
            break;
        case StopCause::timeout:
            set_error(
                outcome, Reason::timeout,
                fmt::format(
                    "command ran longer than {}",
                    format_duration(ending.timeout.value_or(milliseconds{}))));
            break;
        case StopCause::shutdown:
            set_error(outcome, Reason::shutdown, "stopped because its worker was shut down");
            break;
        case StopCause::none:
        case StopCause::lost:
            set_status(outcome, ending);
            break;
    }
    return outcome;
}

int exit_status_of(const Ending& ending) {
    const int exit_status = exit_status_of_command(ending);
    return exit_status == 0 && ending.output_failure ? kOwnFailure : exit_status;
}

}  // namespace atlasjob
