#include "runner/ending.h"

#include "base/duration.h"
#include "base/json_text.h"
#include "ledger/limits.h"

#include <fmt/format.h>

namespace atlasjob {

namespace {

void set_error(Outcome& outcome, Reason reason, std::string_view text) {
    outcome.status = Status::error;
    outcome.reason = reason;
    outcome.error_code = std::string{to_string(reason)};
    outcome.error = clipped(text);
}

void judge_result(Outcome& outcome, const Ending& ending) {
    if (ending.output_too_long) {
        set_error(
            outcome, Reason::invalid_result,
            fmt::format(
                "command's output is longer than a result can be ({} bytes)", kLongestResult));
    } else if (ending.output) {
        outcome.result = compact_json(*ending.output);
        if (!outcome.result)
            set_error(outcome, Reason::invalid_result, "command's output is not JSON");
    }
}

void judge_status(Outcome& outcome, const Ending& ending) {
    const ExitStatus& status = *ending.status;
    if (status.success()) {
        judge_result(outcome, ending);
        return;
    }
    set_error(
        outcome, status.signo() ? Reason::signal : Reason::exit_code,
        "command " + status.to_string());
}

}  // namespace

Outcome outcome_of(const Ending& ending) {
    Outcome outcome;
    if (!ending.status) {
        const std::string why = ending.failure ? ending.failure->reason : "command did not start";
        set_error(outcome, Reason::start_failed, why);
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
            set_error(outcome, Reason::shutdown, "ended because its worker was shut down");
            break;
        case StopCause::none:
        case StopCause::lost:
            judge_status(outcome, ending);
            break;
    }
    return outcome;
}

int exit_status_of(const Ending& ending) {
    if (ending.failure) return ending.failure->shell_status();
    if (!ending.status) return 125;
    return ending.cause == StopCause::timeout ? 124 : ending.status->shell_status();
}

}  // namespace atlasjob
