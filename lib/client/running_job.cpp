#include "base/json_text.h"
#include "client/failures.h"
#include "client/state.h"
#include "ledger/limits.h"
#include "ledger/policy.h"

#include <utility>

namespace atlasjob::client {

namespace {

Report report_of(const Progress& progress) {
    Report report{progress.fraction, progress.phase, progress.message,
                  progress.current,  progress.total, {}};
    check(report);
    return report;
}

Reply reply_of(const std::optional<HeartbeatReply>& reply) {
    if (!reply) return Reply::lost;
    return reply->cancel_requested_at ? Reply::cancel_requested : Reply::ok;
}

std::optional<std::string> json_of(const std::string& text) {
    if (text.empty()) return {};
    if (auto json = compact_json(text)) return json;
    throw Error(
        ErrorCode::invalid_argument, "the result is not JSON", "pass one JSON value, or nothing");
}

Outcome outcome_of_error(const std::string& error, const std::string& code) {
    Outcome outcome;
    outcome.status = Status::error;
    outcome.error = clipped(error);
    if (!code.empty()) outcome.error_code = clipped(code, kMaxWord);
    return outcome;
}

}  // namespace

RunningJob::RunningJob(std::unique_ptr<State> state) : state_(std::move(state)) {}

RunningJob::RunningJob(RunningJob&&) noexcept = default;

RunningJob& RunningJob::operator=(RunningJob&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

RunningJob::~RunningJob() {
    if (!state_ || !state_->open) return;
    try {
        state_->end(outcome_of_error("the program dropped the job before it ended", "abandoned"));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // A destructor cannot report it; the job is reaped once this process has exited.
    }
}

const std::string& RunningJob::id() const {
    return state_->id;
}

std::int64_t RunningJob::number() const {
    return state_->number;
}

Reply RunningJob::heartbeat() {
    return with_failures([&] {
        if (!state_->open) return state_->last;
        return state_->note_reply(reply_of(jobs::heartbeat(state_->deps(), state_->attempt)));
    });
}

Reply RunningJob::progress(const Progress& progress) {
    return with_failures([&] {
        merge_report(state_->pending, report_of(progress));
        state_->has_pending = true;
        const Time now = state_->ledger->clock.now();
        const bool too_soon = state_->written_at && now >= *state_->written_at
                              && now - *state_->written_at < kReportInterval;
        if (!state_->open || too_soon) return state_->last;
        return state_->write_report(now);
    });
}

Reply RunningJob::done(const std::string& result) {
    return with_failures([&] {
        Outcome outcome;
        outcome.result = json_of(result);
        return state_->end(outcome);
    });
}

Reply RunningJob::failed(const std::string& error, const std::string& code) {
    return with_failures([&] { return state_->end(outcome_of_error(error, code)); });
}

Reply RunningJob::cancelled(const std::string& why) {
    return with_failures([&] {
        Outcome outcome;
        outcome.status = Status::cancelled;
        outcome.reason = Reason::user;
        if (!why.empty()) outcome.error = clipped(why);
        return state_->end(outcome);
    });
}

Reply RunningJob::State::note_reply(Reply reply) {
    last = reply;
    if (reply == Reply::lost) open = false;
    return reply;
}

Reply RunningJob::State::write_report(Time now) {
    const Reply reply = note_reply(reply_of(jobs::report(deps(), attempt, pending)));
    pending = {};
    has_pending = false;
    written_at = now;
    return reply;
}

Reply RunningJob::State::end(const Outcome& outcome) {
    if (!open) return last;
    if (has_pending && write_report(ledger->clock.now()) == Reply::lost) return last;
    const auto finished = jobs::finish(deps(), attempt, outcome);
    open = false;
    return last = finished ? Reply::ok : Reply::lost;
}

}  // namespace atlasjob::client
