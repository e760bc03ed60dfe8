#include "runner/attempt_ledger.h"

#include "process/identity.h"

#include <algorithm>
#include <utility>

namespace atlasjob {

namespace {

/// Between two looks at the job, however often the bell rings: others' commits ring it too.
constexpr milliseconds kLookRest{50};

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

AttemptLedger::AttemptLedger(
    Workplace& place, const Clock& clock, Subject subject, AttemptNews news)
    : place_(place),
      clock_(clock),
      subject_(std::move(subject)),
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
    heartbeat_.start(subject_.pace.heartbeat, subject_.pace.heartbeat);
    looks_.start(subject_.pace.look, subject_.pace.look);
    // The ledger has just told all there is to know of the attempt.
    place_.changes.listen(kLookRest, kLookRest, [this] { look(); });
}

/// What is on its way refers to this object.
AttemptLedger::~AttemptLedger() {
    place_.changes.stop();
    place_.ledger.abandon();
}

void AttemptLedger::note_process(const ProcessIdentity& process) {
    unnoted_ = process;
    note_.start(subject_.pace.note);
}

void AttemptLedger::send_note() {
    // A heartbeat that came before the time for it has taken it along.
    if (!unnoted_) return;
    place_.ledger.ask(
        [this, process = *unnoted_, key = subject_.key](Store& store) {
            return store.note_process(key, process, clock_.now());
        },
        [this](const Answer<bool>& answer) {
            if (!answer.value) return;
            unnoted_.reset();
            if (!*answer.value) become_lost();
        });
}

void AttemptLedger::beat() {
    if (quiet() || beating_) return;
    if (unnoted_) send_note();
    beating_ = true;
    place_.ledger.ask(
        [this, key = subject_.key, bytes = subject_.log_bytes()](Store& store) {
            return store.heartbeat(key, bytes, clock_.now());
        },
        [this](const Answer<std::optional<Beat>>& answer) {
            beating_ = false;
            take(answer);
        });
}

void AttemptLedger::look() {
    if (quiet() || cancel_known_) return;
    if (looking_) {
        look_again_ = true;
        return;
    }
    looking_ = true;
    // Reading costs a tenth of a heartbeat and nobody waits for it at the gate.
    place_.ledger.ask(
        [id = subject_.key.job_id, actor = subject_.actor](Store& store) {
            const auto job = store.get(JobRef::of(id), Principal{actor, true}, Detail::summary);
            return !job || job->status != Status::running || job->cancel_requested_at.has_value();
        },
        [this](const Answer<bool>& changed) {
            looking_ = false;
            // The heartbeat tells what it is: a cancel with its grace, or that we have lost it.
            if (changed.value.value_or(false)) beat();
            if (std::exchange(look_again_, false)) look();
        });
}

void AttemptLedger::report(Report newer) {
    if (quiet()) return;
    if (!report_) report_.emplace();
    merge_report(*report_, std::move(newer));
    if (!reporting_ && !report_rest_.running()) send_report();
}

void AttemptLedger::send_report() {
    reporting_ = true;
    report_rest_.start(subject_.pace.report);
    const Report latest = *std::exchange(report_, std::nullopt);
    place_.ledger.ask(
        [this, latest](Store& store) { return store.report(subject_.key, latest, clock_.now()); },
        [this, latest](const Answer<std::optional<Beat>>& answer) { take_report(answer, latest); });
}

void AttemptLedger::take_report(const Answer<std::optional<Beat>>& answer, const Report& sent) {
    reporting_ = false;
    if (answer.error && worth_retrying(*answer.error)) {
        // It may hold the job's result: it goes with what comes next, older than that.
        Report again = sent;
        if (report_) merge_report(again, std::move(*report_));
        report_ = std::move(again);
        if (!ending_) report_rest_.start(subject_.pace.first_retry);
    }
    take(answer);
    finish_when_ready();
}

void AttemptLedger::note_event(std::string type) {
    if (quiet()) return;
    events_.push_back({std::move(type), clock_.now()});
    if (events_.size() == 1) send_event();
}

/// One at a time: a heartbeat need not wait for all of many.
void AttemptLedger::send_event() {
    place_.ledger.ask(
        [event = events_.front(), id = subject_.key.job_id, actor = subject_.actor](Store& store) {
            store.note_event(id, event.type, actor, event.at);
            return true;
        },
        [this](const Answer<bool>& answer) { take_event(answer.error); });
}

void AttemptLedger::take_event(const std::optional<Error>& failure) {
    if (lost_) return;
    if (failure && failure->code() == ErrorCode::unavailable) {
        event_retry_.start(subject_.pace.first_retry);
        if (ending_) news_.delayed(*failure);
        return;
    }
    if (failure) news_.trouble(*failure);
    events_.pop_front();
    if (!events_.empty()) send_event();
    finish_when_ready();
}

void AttemptLedger::take(const Answer<std::optional<Beat>>& answer) {
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
void AttemptLedger::tell_trouble(const Error& error) {
    const bool again = error.code() == ErrorCode::ledger_moved && std::exchange(moved_told_, true);
    if (!again && !worth_retrying(error)) news_.trouble(error);
}

void AttemptLedger::take_beat(const Beat& beat) {
    if (!beat.cancel_requested_at || cancel_known_ || quiet()) return;
    cancel_known_ = true;
    news_.cancel_requested(beat.cancel_grace.value_or(subject_.pace.grace));
}

void AttemptLedger::become_lost() {
    if (lost_) return;
    lost_ = true;
    retry_.stop();
    // The finish's own answer tells it otherwise, after what else it brings.
    if (!finishing_) news_.lost();
}

void AttemptLedger::finish(const Outcome& outcome, const std::optional<ClaimRequest>& next) {
    if (quiet()) return;
    ending_ = Ending{outcome, next, clock_.now(), subject_.pace.first_retry};
    ending_->outcome.process = unnoted_;
    place_.changes.stop();
    note_.stop();
    heartbeat_.stop();
    looks_.stop();
    report_rest_.stop();
    finish_when_ready();
}

/// Once what was said before is through.
void AttemptLedger::finish_when_ready() {
    if (ending_ && !lost_ && !reporting_ && events_.empty()) send_finish();
}

FinishedAndClaimed AttemptLedger::finish_in(Store& store, const Ending& ending) const {
    if (ending.next)
        return store.finish_and_claim(subject_.key, ending.outcome, *ending.next, ending.at);
    return {store.finish(subject_.key, ending.outcome, subject_.actor, ending.at), {}};
}

void AttemptLedger::send_finish() {
    finishing_ = true;
    auto work = [this, ending = *ending_, report = report_](Store& store) {
        // What was last reported comes first: a result among it is the job's.
        if (report) report_last(store, subject_.key, *report, ending.at);
        return finish_in(store, ending);
    };
    auto done = [this](Answer<FinishedAndClaimed>& answer) { take_finish(answer); };
    if (subject_.may_stall) {
        place_.ledger.ask_stalling(std::move(work), std::move(done));
    } else {
        place_.ledger.ask(std::move(work), std::move(done));
    }
}

void AttemptLedger::take_finish(Answer<FinishedAndClaimed>& answer) {
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

void AttemptLedger::take_failed_finish(const Error& error) {
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
    ending_->retry = std::min(ending_->retry * 2, subject_.pace.longest_retry);
    news_.delayed(error);
}

/// Nothing was written or claimed.
void AttemptLedger::take_moved_finish(const Error& error) {
    ending_->next.reset();
    if (lost_) return news_.lost();
    if (++ending_->moved_looks < kMovedLooks) return retry_.start(subject_.pace.first_retry);
    news_.trouble(error);
    become_lost();
}

}  // namespace atlasjob
