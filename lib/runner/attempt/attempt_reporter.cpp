#include "runner/attempt/attempt_reporter.h"

#include "process/identity.h"

#include <algorithm>
#include <utility>

namespace atlasjob {

namespace {

/// Limits how often the job is read, since commits to other jobs notify too.
constexpr milliseconds kPollMinInterval{50};

/// How often a finish is tried while the ledger is being moved: `mv` moves one file at a time.
constexpr int kMaxMovedTries = 10;

/// An invalid report must not keep the attempt from ending.
void write_last_report(Store& store, const AttemptKey& key, const Report& report) {
    try {
        store.report(key, report);
    } catch (const Error& error) {
        if (is_retryable(error)) throw;
    }
}

}  // namespace

AttemptReporter::AttemptReporter(
    SupervisorContext& context, const Clock& clock, Config config, AttemptCallbacks callbacks)
    : context_(context),
      clock_(clock),
      config_(std::move(config)),
      callbacks_(std::move(callbacks)),
      heartbeat_timer_(context.loop, [this] { send_heartbeat(); }),
      poll_timer_(context.loop, [this] { poll_job(); }),
      note_timer_(context.loop, [this] { send_note(); }),
      report_timer_(
          context.loop,
          [this] {
              if (report_ && !reporting_) send_report();
          }),
      event_retry_(context.loop, [this] { send_event(); }),
      finish_retry_(context.loop, [this] { send_finish(); }) {
    heartbeat_timer_.start(config_.timings.heartbeat, config_.timings.heartbeat);
    poll_timer_.start(config_.timings.poll, config_.timings.poll);
    // The claim has just read the attempt, so there is no need to check at once.
    context_.changes.listen(kPollMinInterval, kPollMinInterval, [this] { poll_job(); });
}

/// Pending requests refer to this object.
AttemptReporter::~AttemptReporter() {
    context_.changes.stop();
    context_.ledger.abandon();
}

void AttemptReporter::note_process(const ProcessIdentity& process) {
    unnoted_process_ = process;
    note_timer_.start(config_.timings.note);
}

void AttemptReporter::send_note() {
    // It may already have been written with a heartbeat.
    if (!unnoted_process_) return;
    context_.ledger.post(
        [process = *unnoted_process_, key = config_.key](Store& store) {
            return store.note_process(key, process);
        },
        [this](const Result<bool>& result) {
            if (!result.value) return;
            unnoted_process_.reset();
            if (!*result.value) set_lost();
        });
}

void AttemptReporter::send_heartbeat() {
    if (ended() || heartbeat_pending_) return;
    if (unnoted_process_) send_note();
    heartbeat_pending_ = true;
    context_.ledger.post(
        [key = config_.key, bytes = config_.log_bytes()](Store& store) {
            return store.heartbeat(key, bytes);
        },
        [this](const Result<std::optional<HeartbeatReply>>& result) {
            heartbeat_pending_ = false;
            on_reply(result);
        });
}

void AttemptReporter::poll_job() {
    if (ended() || cancel_known_) return;
    if (polling_) {
        poll_again_ = true;
        return;
    }
    polling_ = true;
    // A read costs a tenth of a heartbeat and does not take the write lock.
    context_.ledger.post(
        [id = config_.key.job_id, actor = config_.actor](Store& store) {
            const auto job = store.get(JobRef::of(id), Principal{actor, true}, Detail::summary);
            const bool is_going =
                job && job->status == Status::running && !job->cancel_requested_at;
            return Polled{is_going, job ? job->progress : std::nullopt};
        },
        [this](const Result<Polled>& polled) {
            polling_ = false;
            // The heartbeat's reply says whether it was a cancel or the attempt is lost.
            if (polled.value && !polled.value->is_going) send_heartbeat();
            if (polled.value && polled.value->progress != progress_) {
                progress_ = polled.value->progress;
                if (callbacks_.progressed) callbacks_.progressed(progress_);
            }
            if (std::exchange(poll_again_, false)) poll_job();
        });
}

void AttemptReporter::report(Report newer) {
    if (ended()) return;
    if (!report_) report_.emplace();
    merge_report(*report_, std::move(newer));
    if (!reporting_ && !report_timer_.running()) send_report();
}

void AttemptReporter::send_report() {
    reporting_ = true;
    report_timer_.start(config_.timings.report);
    const Report latest = *std::exchange(report_, std::nullopt);
    context_.ledger.post(
        [this, latest](Store& store) { return store.report(config_.key, latest); },
        [this, latest](const Result<std::optional<HeartbeatReply>>& result) {
            on_report_result(result, latest);
        });
}

void AttemptReporter::on_report_result(
    const Result<std::optional<HeartbeatReply>>& result, const Report& sent) {
    reporting_ = false;
    if (result.error && is_retryable(*result.error)) {
        // Keep it, as it may hold the job's result; newer values override it.
        Report again = sent;
        if (report_) merge_report(again, std::move(*report_));
        report_ = std::move(again);
        if (!ending_) report_timer_.start(config_.timings.first_retry);
    }
    on_reply(result);
    finish_when_ready();
}

void AttemptReporter::note_event(std::string type, std::optional<std::string> detail) {
    if (ended()) return;
    events_.push_back({std::move(type), std::move(detail), clock_.read()});
    if (events_.size() == 1) send_event();
}

/// One at a time, so that a heartbeat never waits for all of them.
void AttemptReporter::send_event() {
    context_.ledger.post(
        [this, event = events_.front(), id = config_.key.job_id](Store& store) {
            store.note_event(
                id, {event.type, config_.actor, elapsed(event.at, clock_.read()), event.detail});
            return true;
        },
        [this](const Result<bool>& result) { on_event_result(result.error); });
}

void AttemptReporter::on_event_result(const std::optional<Error>& failure) {
    if (lost_) return;
    if (failure && failure->code() == ErrorCode::unavailable) {
        event_retry_.start(config_.timings.first_retry);
        if (ending_) callbacks_.delayed(*failure);
        return;
    }
    if (failure) callbacks_.trouble(*failure);
    events_.pop_front();
    if (!events_.empty()) send_event();
    finish_when_ready();
}

void AttemptReporter::on_reply(const Result<std::optional<HeartbeatReply>>& result) {
    if (result.error) {
        // If the ledger is unavailable, the next heartbeat or report tries again.
        report_trouble(*result.error);
        return;
    }
    if (*result.value) {
        check_cancel(**result.value);
    } else {
        set_lost();
    }
}

/// Reports a moved ledger only once.
void AttemptReporter::report_trouble(const Error& error) {
    const bool repeated =
        error.code() == ErrorCode::ledger_moved && std::exchange(move_reported_, true);
    if (!repeated && !is_retryable(error)) callbacks_.trouble(error);
}

void AttemptReporter::check_cancel(const HeartbeatReply& reply) {
    if (!reply.cancel_requested_at || cancel_known_ || ended()) return;
    cancel_known_ = true;
    callbacks_.cancel_requested(reply.cancel_grace);
}

void AttemptReporter::set_lost() {
    if (lost_) return;
    lost_ = true;
    finish_retry_.stop();
    // If a finish is being written, its result handler calls lost(), after any claim.
    if (!finishing_) callbacks_.lost();
}

void AttemptReporter::finish(const Outcome& outcome, const std::optional<ClaimRequest>& next) {
    if (ended()) return;
    ending_ = Ending{outcome, next, clock_.read(), config_.timings.first_retry};
    ending_->outcome.process = unnoted_process_;
    context_.changes.stop();
    note_timer_.stop();
    heartbeat_timer_.stop();
    poll_timer_.stop();
    report_timer_.stop();
    finish_when_ready();
}

/// After all earlier reports and events have been written.
void AttemptReporter::finish_when_ready() {
    if (ending_ && !lost_ && !reporting_ && events_.empty()) send_finish();
}

FinishedAndClaimed AttemptReporter::finish_in(Store& store, const Ending& ending) const {
    Outcome outcome = ending.outcome;
    outcome.ago = elapsed(ending.at, clock_.read());
    if (ending.next) return store.finish_and_claim(config_.key, outcome, *ending.next);
    return {store.finish(config_.key, outcome, config_.actor), {}};
}

void AttemptReporter::send_finish() {
    finishing_ = true;
    auto work = [this, ending = *ending_, report = report_](Store& store) {
        // The last report comes first, as it may hold the job's result.
        if (report) write_last_report(store, config_.key, *report);
        return finish_in(store, ending);
    };
    auto done = [this](Result<FinishedAndClaimed>& result) { on_finish_result(result); };
    if (config_.may_stall) {
        context_.ledger.run_inline(std::move(work), std::move(done));
    } else {
        context_.ledger.post(std::move(work), std::move(done));
    }
}

void AttemptReporter::on_finish_result(Result<FinishedAndClaimed>& result) {
    finishing_ = false;
    if (result.error) return on_finish_error(*result.error);
    auto& [finished, claim] = *result.value;
    if (claim) callbacks_.claimed(std::move(*claim));
    if (finished) {
        callbacks_.finished(*finished);
    } else {
        lost_ = true;
        callbacks_.lost();
    }
}

void AttemptReporter::on_finish_error(const Error& error) {
    if (error.code() == ErrorCode::ledger_moved) return on_ledger_moved(error);
    if (!is_retryable(error)) throw Error{error};
    const bool claims = ending_->next.has_value();
    if (claims && error.code() == ErrorCode::outcome_unknown) callbacks_.claim_unclear();
    if (lost_) {
        callbacks_.lost();
        return;
    }
    ending_->next.reset();
    finish_retry_.start(ending_->retry);
    ending_->retry = std::min(ending_->retry * 2, config_.timings.max_retry);
    callbacks_.delayed(error);
}

/// ledger_moved means that nothing was written or claimed.
void AttemptReporter::on_ledger_moved(const Error& error) {
    ending_->next.reset();
    if (lost_) return callbacks_.lost();
    if (++ending_->moved_tries < kMaxMovedTries)
        return finish_retry_.start(config_.timings.first_retry);
    callbacks_.trouble(error);
    set_lost();
}

}  // namespace atlasjob
