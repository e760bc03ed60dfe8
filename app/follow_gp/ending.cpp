#include "follow_gp/ending.h"

#include "base/duration.h"
#include "base/signals.h"
#include "base/text.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::follow_gp {

namespace {

/// A server message as a job's error text: one line, clipped.
std::string sentence(std::string_view text) {
    std::string line{trim(text)};
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return clipped(line);
}

Outcome error(std::string code, const std::string& text) {
    Outcome outcome;
    outcome.status = Status::error;
    outcome.error = sentence(text);
    outcome.error_code = std::move(code);
    return outcome;
}

/// Without a text the store writes who cancelled the job and why.
Outcome cancelled(std::optional<std::string> text = {}) {
    Outcome outcome;
    outcome.status = Status::cancelled;
    outcome.reason = Reason::user;
    if (text) outcome.error = sentence(*text);
    return outcome;
}

std::string failure_of(const GpJob& job) {
    const GpMessage* const message = last_error(job);
    if (message != nullptr && !trim(message->text).empty()) return message->text;
    return "the job failed on the server without an error message";
}

Outcome timed_out() {
    Outcome outcome = error("timeout", "the job exceeded the server's time limit");
    outcome.reason = Reason::timeout;
    return outcome;
}

Outcome uncancelled_outcome(const GpJob& job) {
    if (job.status == GpStatus::cancelled) return cancelled("Cancelled on the server");
    if (job.status == GpStatus::timed_out) return timed_out();
    if (job.status == GpStatus::deleted)
        return error("gp_deleted", "the job was deleted on the server");
    return error("gp_failed", failure_of(job));
}

/// How a job that was not cancelled ended on the server, after "the job had".
std::string end_phrase(const GpJob& job) {
    if (job.status == GpStatus::succeeded) return "succeeded";
    if (job.status == GpStatus::timed_out) return "timed out";
    if (job.status == GpStatus::deleted) return "been deleted";
    return "failed: " + failure_of(job);
}

Outcome cancelled_outcome(const GpJob& job) {
    if (job.status == GpStatus::cancelled) return cancelled();
    return cancelled(
        fmt::format("Cancelled by user; on the server the job had {}", end_phrase(job)));
}

}  // namespace

Outcome outcome_of(const GpJob& job, bool cancel_requested) {
    return cancel_requested ? cancelled_outcome(job) : uncancelled_outcome(job);
}

Outcome outcome_of_results(std::string results) {
    Outcome outcome;
    outcome.result = std::move(results);
    return outcome;
}

Outcome outcome_without_results(const std::string& why) {
    Outcome outcome = error(
        "invalid_result",
        fmt::format("the job succeeded on the server, but its results cannot be stored: {}", why));
    outcome.reason = Reason::invalid_result;
    return outcome;
}

Outcome outcome_of_refusal(const Failure& failure, bool cancel_requested) {
    if (cancel_requested) {
        return cancelled(fmt::format(
            "Cancelled by user; the job's state on the server is unknown: {}", failure.text));
    }
    return error(
        "gp_refused",
        fmt::format("the server refused to report the job's status: {}", failure.text));
}

Outcome outcome_of_silence(const Failure& failure, milliseconds silence, bool cancel_requested) {
    const std::string text =
        fmt::format("no answer from the server for {}: {}", format_duration(silence), failure.text);
    if (cancel_requested) {
        return cancelled(
            fmt::format("Cancelled by user; the job's state on the server is unknown: {}", text));
    }
    return error("gp_unreachable", text);
}

Outcome outcome_of_refused_cancel(const std::string& why) {
    return cancelled(fmt::format(
        "Cancelled by user; the job continues on the server, which refused to cancel it: {}", why));
}

Outcome outcome_of_leaving(int signo, bool cancel_requested) {
    const std::string text = fmt::format(
        "the follower was stopped ({}); the job continues on the server", signal_name(signo));
    if (cancel_requested) {
        return cancelled(fmt::format(
            "Cancelled by user; the follower was stopped ({}) before the server confirmed it",
            signal_name(signo)));
    }
    Outcome outcome = error("shutdown", text);
    outcome.reason = Reason::shutdown;
    return outcome;
}

}  // namespace atlasjob::follow_gp
