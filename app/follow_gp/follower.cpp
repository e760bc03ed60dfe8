#include "follow_gp/follower.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/url.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

namespace atlasjob::follow_gp {

namespace {

/// Between two checks whether the reporter is idle, after Ctrl-Z.
constexpr milliseconds kStopMinInterval{10};
constexpr std::size_t kMaxResults = 16UL * 1024 * 1024;

}  // namespace

Follower::Follower(
    SupervisorContext& context,
    const Clock& clock,
    const FollowedAttempt& attempt,
    const FollowOptions& options)
    : context_(context),
      options_(options),
      job_url_(fmt::format("{}/jobs/{}", options.task.normal, options.gp_job_id)),
      log_(context.logs.open_writer(
          {attempt.key.job_id, attempt.key.attempt.value_or(1), kDefaultLogLimitBytes})),
      poll_interval_(options.poll_min, options.poll_max),
      next_timer_(context.loop, [this] { take_step(); }),
      give_up_timer_(context.loop, [this] { give_up_soon(); }),
      stop_timer_(context.loop, [this] { stop_self(); }),
      http_(context.loop, options.http),
      signals_(
          context.loop,
          {[this](int signo) { on_signal(signo); },
           [](int) {},  // It has no command to forward USR1 and USR2 to.
           [this] { stop_self(); }}),
      reporter_(
          context,
          clock,
          {attempt.key, attempt.actor, Timings{}, [this] { return log_->bytes(); }},
          callbacks()),
      sync_(reporter_, *log_) {}

AttemptCallbacks Follower::callbacks() {
    AttemptCallbacks callbacks;
    callbacks.cancel_requested = [this](std::optional<milliseconds>) { cancel(); };
    callbacks.lost = [this] { on_lost(); };
    callbacks.finished = [this](const Finished&) { context_.loop.stop(); };
    callbacks.delayed = [this](const Error& error) { finish_delayed(error); };
    callbacks.trouble = [this](const Error& error) { log_->note(error.message()); };
    return callbacks;
}

FollowResult Follower::run() {
    take_step();
    context_.loop.run();
    return std::move(result_);
}

void Follower::take_step() {
    if (stage_ == Stage::fetching) {
        fetch();
    } else if (cancel_due_ && !std::exchange(poll_first_, false)) {
        send_cancel();
    } else {
        poll();
    }
}

// --- Watching ----------------------------------------------------------------------------------

void Follower::poll() {
    http_.send({job_url_ + "?f=json&returnMessages=true", {}}, [this](const HttpReply& reply) {
        take_job(read_job(reply));
    });
}

void Follower::take_job(const Reading<GpJob>& reading) {
    if (const auto* failure = std::get_if<Failure>(&reading)) {
        on_failure(*failure);
        return;
    }
    on_answer();
    const GpJob& job = std::get<GpJob>(reading);
    status_ = job.status;
    if (sync_.take(job)) poll_interval_.reset();
    if (row_of(job.status).ended) {
        take_end(job);
    } else if (!handle_refusal()) {
        next_timer_.start(poll_interval_.next());
    }
}

void Follower::take_end(const GpJob& job) {
    if (job.status != GpStatus::succeeded || cancel_requested_) {
        finish(outcome_of(job, cancel_requested_));
        return;
    }
    stage_ = Stage::fetching;
    pending_results_.assign(job.results.rbegin(), job.results.rend());
    fetch();
}

// --- Cancelling --------------------------------------------------------------------------------

void Follower::cancel() {
    if (stage_ == Stage::ending || cancel_requested_) return;
    cancel_requested_ = true;
    if (stage_ == Stage::fetching) {
        GpJob job;
        job.status = GpStatus::succeeded;
        finish(outcome_of(job, true));
        return;
    }
    log_->note("asking the server to cancel the job");
    cancel_due_ = true;
    poll_first_ = false;
    http_.abort();
    next_timer_.start({});
}

void Follower::send_cancel() {
    cancel_was_acceptable_ = row_of(status_).accepts_cancel;
    http_.send({job_url_ + "/cancel", "f=json"}, [this](const HttpReply& reply) {
        take_cancel(read_cancel(reply));
    });
}

void Follower::take_cancel(const std::optional<Failure>& failure) {
    if (failure && failure->passing) {
        poll_first_ = true;
        on_failure(*failure);
        return;
    }
    cancel_due_ = false;
    if (failure) refusal_ = failure->text;
    on_answer();
    poll_interval_.reset();
    next_timer_.start(failure ? milliseconds{0} : poll_interval_.next());
}

/// Servers accept a cancel only while a job is waiting or executing: if it was refused before that,
/// sends it again once the job is; if refused after that, finishes. Returns true if it did either.
bool Follower::handle_refusal() {
    if (!refusal_) return false;
    if (cancel_was_acceptable_) {
        finish(outcome_of_refused_cancel(*refusal_));
        return true;
    }
    if (!row_of(status_).accepts_cancel) return false;
    refusal_.reset();
    cancel_due_ = true;
    next_timer_.start({});
    return true;
}

// --- Results -----------------------------------------------------------------------------------

void Follower::fetch() {
    if (pending_results_.empty()) {
        finish(outcome_of_results('{' + results_ + '}'));
        return;
    }
    const std::string url =
        fmt::format("{}/results/{}?f=json", job_url_, url_segment(pending_results_.back()));
    http_.send({url, {}}, [this](const HttpReply& reply) { take_result(read_result(reply)); });
}

void Follower::take_result(const Reading<std::string>& reading) {
    if (const auto* failure = std::get_if<Failure>(&reading)) {
        if (failure->passing) {
            on_failure(*failure);
        } else {
            finish(outcome_without_results(
                fmt::format("{}: {}", pending_results_.back(), failure->text)));
        }
        return;
    }
    on_answer();
    if (!results_.empty()) results_ += ',';
    append_json_string(results_, pending_results_.back());
    results_ += ':' + std::get<std::string>(reading);
    pending_results_.pop_back();
    if (results_.size() > kMaxResults) {
        finish(outcome_without_results(fmt::format("they exceed {} MiB", kMaxResults >> 20U)));
        return;
    }
    fetch();
}

// --- An unreachable server ---------------------------------------------------------------------

void Follower::on_answer() {
    give_up_timer_.stop();
    last_chance_ = false;
    if (std::exchange(unreachable_, false))
        options_.print_note(fmt::format("{} answers again", options_.task.host));
}

void Follower::on_failure(const Failure& failure) {
    if (!failure.passing) {
        finish(outcome_of_refusal(failure, cancel_requested_));
        return;
    }
    if (last_chance_) {
        finish(outcome_of_silence(failure, options_.give_up_after, cancel_requested_));
        return;
    }
    if (!std::exchange(unreachable_, true)) {
        const std::string text = fmt::format(
            "{}: {}; trying again for {}", options_.task.host, failure.text,
            format_duration(options_.give_up_after));
        log_->note(text);
        options_.print_note(text);
        give_up_timer_.start(options_.give_up_after);
    }
    next_timer_.start(
        std::max(poll_interval_.next(), failure.retry_after.value_or(milliseconds{0})));
}

/// A request in progress becomes the last one; otherwise sends a last one now, regardless of
/// Retry-After.
void Follower::give_up_soon() {
    last_chance_ = true;
    if (next_timer_.running()) next_timer_.start({});
}

// --- The end -----------------------------------------------------------------------------------

void Follower::finish(Outcome outcome) {
    stage_ = Stage::ending;
    http_.abort();
    next_timer_.stop();
    give_up_timer_.stop();
    log_->flush_partial();
    outcome.log_bytes = log_->bytes();
    result_.outcome = outcome;
    reporter_.finish(outcome, {});
}

void Follower::on_signal(int signo) {
    if (stage_ == Stage::ending) {
        interrupted_ = true;
        if (finish_error_) finish_delayed(*finish_error_);
    } else if (options_.cancel_on_exit && !cancel_requested_) {
        cancel();
    } else {
        result_.signo = signo;
        finish(outcome_of_leaving(signo, cancel_requested_));
    }
}

/// While the ledger cannot be used, a signal ends the waiting.
void Follower::finish_delayed(const Error& error) {
    if (interrupted_) throw Error{error};
    if (!finish_error_) options_.print_note(fmt::format("{}: trying again", error.message()));
    finish_error_ = error;
}

void Follower::on_lost() {
    stage_ = Stage::ending;
    result_.outcome.reset();
    context_.loop.stop();
}

/// Ctrl-Z: stops this process only while no store call is running, because one that holds the write
/// lock would block every other writer.
void Follower::stop_self() {
    if (!reporter_.idle()) {
        stop_timer_.start(kStopMinInterval);
        return;
    }
    kill(getpid(), SIGSTOP);
}

FollowResult follow(
    Store& store,
    LogStore& logs,
    const Clock& clock,
    const FollowedAttempt& attempt,
    const FollowOptions& options) {
    SupervisorContext context{store, logs};
    Follower follower{context, clock, attempt, options};
    return follower.run();
}

}  // namespace atlasjob::follow_gp
