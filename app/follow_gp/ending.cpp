#include "follow_gp/ending.h"

#include "base/duration.h"
#include "base/text.h"
#include "ledger/limits.h"
#include "process/exit_status.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::follow_gp {

namespace {

/// A message as the sentence that a job's error is.
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

/// Without a text the store says who cancelled it, and why.
Outcome cancelled(std::optional<std::string> text = {}) {
    Outcome outcome;
    outcome.status = Status::cancelled;
    outcome.reason = Reason::user;
    if (text) outcome.error = sentence(*text);
    return outcome;
}

std::string failure_of(const GpJob& job) {
    const GpMessage* const said = last_error(job);
    if (said != nullptr && !trim(said->text).empty()) return said->text;
    return "the job failed at its server, which gave no reason";
}

Outcome timed_out() {
    Outcome outcome = error("timeout", "the job took longer than its server allows");
    outcome.reason = Reason::timeout;
    return outcome;
}

Outcome otherwise(const GpJob& job) {
    if (job.status == GpStatus::cancelled) return cancelled("Cancelled at its server");
    if (job.status == GpStatus::timed_out) return timed_out();
    if (job.status == GpStatus::deleted)
        return error("gp_deleted", "the job was deleted at its server");
    return error("gp_failed", failure_of(job));
}

/// What became of a job at its server that was not cancelled there.
std::string fate_of(const GpJob& job) {
    if (job.status == GpStatus::succeeded) return "succeeded";
    if (job.status == GpStatus::timed_out) return "timed out";
    if (job.status == GpStatus::deleted) return "been deleted";
    return "failed: " + failure_of(job);
}

Outcome cancelled_while(const GpJob& job) {
    if (job.status == GpStatus::cancelled) return cancelled();
    return cancelled(fmt::format("Cancelled by user; at its server the job had {}", fate_of(job)));
}

}  // namespace

Outcome outcome_of(const GpJob& job, bool cancel_wanted) {
    return cancel_wanted ? cancelled_while(job) : otherwise(job);
}

Outcome outcome_of_results(std::string results) {
    Outcome outcome;
    outcome.result = std::move(results);
    return outcome;
}

Outcome outcome_without_results(const std::string& why) {
    Outcome outcome = error(
        "invalid_result",
        fmt::format("the job succeeded at its server, but its results cannot be kept: {}", why));
    outcome.reason = Reason::invalid_result;
    return outcome;
}

Outcome outcome_of_refusal(const Failure& trouble, bool cancel_wanted) {
    if (cancel_wanted) {
        return cancelled(fmt::format(
            "Cancelled by user; what became of the job at its server is not known: {}",
            trouble.text));
    }
    return error(
        "gp_refused", fmt::format("the server does not tell how the job is: {}", trouble.text));
}

Outcome outcome_of_silence(const Failure& trouble, milliseconds patience, bool cancel_wanted) {
    const std::string text = fmt::format(
        "nothing heard from the server for {}: {}", format_duration(patience), trouble.text);
    if (cancel_wanted) {
        return cancelled(fmt::format(
            "Cancelled by user; what became of the job at its server is not known: {}", text));
    }
    return error("gp_unreachable", text);
}

Outcome outcome_of_refused_cancel(const std::string& why) {
    return cancelled(fmt::format(
        "Cancelled by user; the job goes on at its server, which refused to cancel it: {}", why));
}

Outcome outcome_of_leaving(int signo, bool cancel_wanted) {
    const std::string left = fmt::format(
        "its follower was told to leave ({}); the job goes on at its server", signal_name(signo));
    if (cancel_wanted) {
        return cancelled(fmt::format(
            "Cancelled by user; its follower was told to leave ({}) before the server had done so",
            signal_name(signo)));
    }
    Outcome outcome = error("shutdown", left);
    outcome.reason = Reason::shutdown;
    return outcome;
}

}  // namespace atlasjob::follow_gp
