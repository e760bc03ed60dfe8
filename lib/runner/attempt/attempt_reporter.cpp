#include "runner/attempt/attempt_reporter.h"

#include "process/identity.h"

#include <algorithm>
#include <utility>

namespace atlasjob {

namespace {

/// Between two looks at the job, however often the bell rings: others' commits ring it too.
constexpr milliseconds kLookMinInterval{50};

/// How often a finish looks for a ledger that was moved: `mv` moves one of its files after the
/// other.
constexpr int kMovedLooks = 10;

/// A report that fails for its own sake must not keep the attempt from ending.
void report_last(Store& store, const AttemptKey& key, const Report& report, Time at) {
    try {
        store.report(key, report, at);
    } catch (const Error& error) {
        if (worth_retrying(error)) throw;
    }
}

}  // namespace

AttemptReporter::AttemptReporter(
    SupervisorContext& place, const Clock& clock, Config config, AttemptCallbacks news)
    : place_(place),
      clock_(clock),
      config_(std::move(config)),
      news_(std::move(news)),
      heartbeat_(place.loop, [this] { beat(); }),
      looks_(place.loop, [this] { look(); }),
      note_(place.loop, [this] { send_note(); }),
      report_rest_(
          place.loop,
          [this] {
              if (report_ && !reporting_) send_report();
          }),
      event_retry_(place.loop, [this] { send_event(); }),
      retry_(place.loop, [this] { send_finish(); }) {
    heartbeat_.start(config_.timings.heartbeat, config_.timings.heartbeat);
    looks_.start(config_.timings.look, config_.timings.look);
    // The ledger has just told all there is to know of the attempt.
    place_.changes.listen(kLookMinInterval, kLookMinInterval, [this] { look(); });
}

/// What is on its way refers to this object.
AttemptReporter::~AttemptReporter() {
    place_.changes.stop();
    place_.ledger.abandon();
}

void AttemptReporter::note_process(const ProcessIdentity& process) {
    unnoted_ = process;
    note_.start(config_.timings.note);
}

void AttemptReporter::send_note() {
    // A heartbeat that came before the time for it has taken it along.
    if (!unnoted_) return;
    place_.ledger.post(
        [this, process = *unnoted_, key = config_.key](Store& store) {
            return store.note_process(key, process, clock_.now());
        },
        [this](const Result<bool>& answer) {
            if (!answer.value) return;
            unnoted_.reset();
            if (!*answer.value) become_lost();
        });
}

void AttemptReporter::beat() {
    if (quiet() || beating_) return;
    if (unnoted_) send_note();
    beating_ = true;
    place_.ledger.post(
        [this, key = config_.key, bytes = config_.log_bytes()](Store& store) {
            return store.heartbeat(key, bytes, clock_.now());
        },
        [this](const Result<std::optional<HeartbeatReply>>& answer) {
            beating_ = false;
            take(answer);
        });
}

void AttemptReporter::look() {
    if (quiet() || cancel_known_) return;
    if (looking_) {
        look_again_ = true;
        return;
    }
    looking_ = true;
    // Reading costs a tenth of a heartbeat and nobody waits for it at the gate.
    place_.ledger.post(
        [id = config_.key.job_id, actor = config_.actor](Store& store) {
            const auto job = store.get(JobRef::of(id), Principal{actor, true}, Detail::summary);
            return !job || job->status != Status::running || job->cancel_requested_at.has_value();
        },
        [this](const Result<bool>& changed) {
            looking_ = false;
            // The heartbeat tells what it is: a cancel with its grace, or that we have lost it.
            if (changed.value.value_or(false)) beat();
            if (std::exchange(look_again_, false)) look();
        });
}

void AttemptReporter::report(Report newer) {
    if (quiet()) return;
    if (!report_) report_.emplace();
    merge_report(*report_, std::move(newer));
    if (!reporting_ && !report_rest_.running()) send_report();
}

void AttemptReporter::send_report() {
    reporting_ = true;
    report_rest_.start(config_.timings.report);
    const Report latest = *std::exchange(report_, std::nullopt);
    place_.ledger.post(
        [this, latest](Store& store) { return store.report(config_.key, latest, clock_.now()); },
        [this, latest](const Result<std::optional<HeartbeatReply>>& answer) {
            take_report(answer, latest);
        });
}

void AttemptReporter::take_report(
    const Result<std::optional<HeartbeatReply>>& answer, const Report& sent) {
    reporting_ = false;
    if (answer.error && worth_retrying(*answer.error)) {
        // It may hold the job's result: it goes with what comes next, older than that.
        Report again = sent;
        if (report_) merge_report(again, std::move(*report_));
        report_ = std::move(again);
        if (!ending_) report_rest_.start(config_.timings.first_retry);
    }
    take(answer);
    finish_when_ready();
}

void AttemptReporter::note_event(std::string type) {
    if (quiet()) return;
    events_.push_back({std::move(type), clock_.now()});
    if (events_.size() == 1) send_event();
}

/// One at a time: a heartbeat need not wait for all of many.
void AttemptReporter::send_event() {
    place_.ledger.post(
        [event = events_.front(), id = config_.key.job_id, actor = config_.actor](Store& store) {
            store.note_event(id, event.type, actor, event.at);
            return true;
        },
        [this](const Result<bool>& answer) { take_event(answer.error); });
}

void AttemptReporter::take_event(const std::optional<Error>& failure) {
    if (lost_) return;
    if (failure && failure->code() == ErrorCode::unavailable) {
        event_retry_.start(config_.timings.first_retry);
        if (ending_) news_.delayed(*failure);
        return;
    }
    if (failure) news_.trouble(*failure);
    events_.pop_front();
    if (!events_.empty()) send_event();
    finish_when_ready();
}

void AttemptReporter::take(const Result<std::optional<HeartbeatReply>>& answer) {
    if (answer.error) {
        // An unavailable ledger is tried again with the next beat or report.
        tell_trouble(*answer.error);
        return;
    }
    if (*answer.value) {
        take_beat(**answer.value);
    } else {
        become_lost();
    }
}

/// A ledger that is gone is told of once.
void AttemptReporter::tell_trouble(const Error& error) {
    const bool again = error.code() == ErrorCode::ledger_moved && std::exchange(moved_told_, true);
    if (!again && !worth_retrying(error)) news_.trouble(error);
}

void AttemptReporter::take_beat(const HeartbeatReply& beat) {
    if (!beat.cancel_requested_at || cancel_known_ || quiet()) return;
    cancel_known_ = true;
    news_.cancel_requested(beat.cancel_grace.value_or(config_.timings.grace));
}

void AttemptReporter::become_lost() {
    if (lost_) return;
    lost_ = true;
    retry_.stop();
    // The finish's own answer tells it otherwise, after what else it brings.
    if (!finishing_) news_.lost();
}

void AttemptReporter::finish(const Outcome& outcome, const std::optional<ClaimRequest>& next) {
    if (quiet()) return;
    ending_ = Ending{outcome, next, clock_.now(), config_.timings.first_retry};
    ending_->outcome.process = unnoted_;
    place_.changes.stop();
    note_.stop();
    heartbeat_.stop();
    looks_.stop();
    report_rest_.stop();
    finish_when_ready();
}

/// Once what was said before is through.
void AttemptReporter::finish_when_ready() {
    if (ending_ && !lost_ && !reporting_ && events_.empty()) send_finish();
}

FinishedAndClaimed AttemptReporter::finish_in(Store& store, const Ending& ending) const {
    if (ending.next)
        return store.finish_and_claim(config_.key, ending.outcome, *ending.next, ending.at);
    return {store.finish(config_.key, ending.outcome, config_.actor, ending.at), {}};
}

void AttemptReporter::send_finish() {
    finishing_ = true;
    auto work = [this, ending = *ending_, report = report_](Store& store) {
        // What was last reported comes first: a result among it is the job's.
        if (report) report_last(store, config_.key, *report, ending.at);
        return finish_in(store, ending);
    };
    auto done = [this](Result<FinishedAndClaimed>& answer) { take_finish(answer); };
    if (config_.may_stall) {
        place_.ledger.run_inline(std::move(work), std::move(done));
    } else {
        place_.ledger.post(std::move(work), std::move(done));
    }
}

void AttemptReporter::take_finish(Result<FinishedAndClaimed>& answer) {
    finishing_ = false;
    if (answer.error) return take_failed_finish(*answer.error);
    auto& [finished, claim] = *answer.value;
    if (claim) news_.claimed(std::move(*claim));
    if (finished) {
        news_.finished(*finished);
    } else {
        lost_ = true;
        news_.lost();
    }
}

void AttemptReporter::take_failed_finish(const Error& error) {
    if (error.code() == ErrorCode::ledger_moved) return take_moved_finish(error);
    if (!worth_retrying(error)) throw Error{error};
    const bool claims = ending_->next.has_value();
    if (claims && error.code() == ErrorCode::outcome_unknown) news_.claim_unclear();
    if (lost_) {
        news_.lost();
        return;
    }
    ending_->next.reset();
    retry_.start(ending_->retry);
    ending_->retry = std::min(ending_->retry * 2, config_.timings.longest_retry);
    news_.delayed(error);
}

/// Nothing was written or claimed.
void AttemptReporter::take_moved_finish(const Error& error) {
    ending_->next.reset();
    if (lost_) return news_.lost();
    if (++ending_->moved_looks < kMovedLooks) return retry_.start(config_.timings.first_retry);
    news_.trouble(error);
    become_lost();
}

}  // namespace atlasjob
