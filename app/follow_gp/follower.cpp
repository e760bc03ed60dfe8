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

/// Between two looks whether the ledger thread has come to rest, once we were asked to stop.
constexpr milliseconds kStopMinInterval{10};
constexpr std::size_t kMaxResults = 16UL * 1024 * 1024;

}  // namespace

Follower::Follower(
    SupervisorContext& place,
    const Clock& clock,
    const FollowedAttempt& attempt,
    const FollowOptions& options)
    : place_(place),
      options_(options),
      job_url_(fmt::format("{}/jobs/{}", options.task.normal, options.gp_job_id)),
      log_(
          {attempt.logs_root, attempt.key.job_id, attempt.key.attempt.value_or(1),
           kDefaultLogLimitBytes},
          clock),
      patience_(options.poll_least, options.poll_most),
      next_(place.loop, [this] { step(); }),
      give_up_(place.loop, [this] { give_up_soon(); }),
      stop_timer_(place.loop, [this] { stop_self(); }),
      http_(place.loop, options.http),
      signals_(place.loop, {[this](int signo) { leave(signo); }, [this] { stop_self(); }}),
      ledger_(
          place,
          clock,
          {attempt.key, attempt.actor, Timings{}, [this] { return log_.bytes(); }},
          news()),
      mirror_(ledger_, log_) {}

AttemptCallbacks Follower::news() {
    AttemptCallbacks news;
    news.cancel_requested = [this](milliseconds) { cancel(); };
    news.lost = [this] { lost(); };
    news.finished = [this](const Finished&) { place_.loop.stop(); };
    news.delayed = [this](const Error& error) { finish_delayed(error); };
    news.trouble = [this](const Error& error) { log_.note(error.message()); };
    return news;
}

FollowResult Follower::run() {
    step();
    place_.loop.run();
    return std::move(result_);
}

void Follower::step() {
    if (stage_ == Stage::fetching) {
        fetch();
    } else if (cancel_due_ && !std::exchange(look_first_, false)) {
        send_cancel();
    } else {
        poll();
    }
}

// --- Watching ----------------------------------------------------------------------------------

void Follower::poll() {
    http_.post({job_url_ + "?f=json&returnMessages=true", {}}, [this](const HttpReply& reply) {
        take_job(read_job(reply));
    });
}

void Follower::take_job(const Reading<GpJob>& reading) {
    if (const auto* trouble = std::get_if<Failure>(&reading)) {
        failed(*trouble);
        return;
    }
    heard();
    const GpJob& job = std::get<GpJob>(reading);
    status_ = job.status;
    if (mirror_.take(job)) patience_.reset();
    if (row_of(job.status).ended) {
        take_end(job);
    } else if (!settle_refusal()) {
        next_.start(patience_.next());
    }
}

void Follower::take_end(const GpJob& job) {
    if (job.status != GpStatus::succeeded || cancel_wanted_) {
        finish(outcome_of(job, cancel_wanted_));
        return;
    }
    stage_ = Stage::fetching;
    awaited_.assign(job.results.rbegin(), job.results.rend());
    fetch();
}

// --- Cancelling --------------------------------------------------------------------------------

void Follower::cancel() {
    if (stage_ == Stage::ending || cancel_wanted_) return;
    cancel_wanted_ = true;
    if (stage_ == Stage::fetching) {
        GpJob job;
        job.status = GpStatus::succeeded;
        finish(outcome_of(job, true));
        return;
    }
    log_.note("asking the server to cancel the job");
    cancel_due_ = true;
    look_first_ = false;
    http_.break_off();
    next_.start({});
}

void Follower::send_cancel() {
    asked_in_time_ = row_of(status_).may_be_ended;
    http_.post({job_url_ + "/cancel", "f=json"}, [this](const HttpReply& reply) {
        take_cancel(read_cancel(reply));
    });
}

void Follower::take_cancel(const std::optional<Failure>& trouble) {
    if (trouble && trouble->passing) {
        look_first_ = true;
        failed(*trouble);
        return;
    }
    cancel_due_ = false;
    if (trouble) refusal_ = trouble->text;
    heard();
    patience_.reset();
    next_.start(trouble ? milliseconds{0} : patience_.next());
}

/// Servers take a request to cancel only from a job that waits or executes: a refusal before that
/// means that we ask again, a refusal since that it goes on. True when what follows is on its way.
bool Follower::settle_refusal() {
    if (!refusal_) return false;
    if (asked_in_time_) {
        finish(outcome_of_refused_cancel(*refusal_));
        return true;
    }
    if (!row_of(status_).may_be_ended) return false;
    refusal_.reset();
    cancel_due_ = true;
    next_.start({});
    return true;
}

// --- Results -----------------------------------------------------------------------------------

void Follower::fetch() {
    if (awaited_.empty()) {
        finish(outcome_of_results('{' + results_ + '}'));
        return;
    }
    const std::string url =
        fmt::format("{}/results/{}?f=json", job_url_, url_segment(awaited_.back()));
    http_.post({url, {}}, [this](const HttpReply& reply) { take_result(read_result(reply)); });
}

void Follower::take_result(const Reading<std::string>& reading) {
    if (const auto* trouble = std::get_if<Failure>(&reading)) {
        if (trouble->passing) {
            failed(*trouble);
        } else {
            finish(outcome_without_results(fmt::format("{}: {}", awaited_.back(), trouble->text)));
        }
        return;
    }
    heard();
    if (!results_.empty()) results_ += ',';
    append_json_string(results_, awaited_.back());
    results_ += ':' + std::get<std::string>(reading);
    awaited_.pop_back();
    if (results_.size() > kMaxResults) {
        finish(outcome_without_results(
            fmt::format("they are longer than {} MiB", kMaxResults >> 20U)));
        return;
    }
    fetch();
}

// --- A server that cannot be asked -------------------------------------------------------------

void Follower::heard() {
    give_up_.stop();
    last_chance_ = false;
    if (std::exchange(troubled_, false))
        options_.tell(fmt::format("{} answers again", options_.task.host));
}

void Follower::failed(const Failure& trouble) {
    if (!trouble.passing) {
        finish(outcome_of_refusal(trouble, cancel_wanted_));
        return;
    }
    if (last_chance_) {
        finish(outcome_of_silence(trouble, options_.give_up_after, cancel_wanted_));
        return;
    }
    if (!std::exchange(troubled_, true)) {
        const std::string text = fmt::format(
            "{}: {}; trying again for {}", options_.task.host, trouble.text,
            format_duration(options_.give_up_after));
        log_.note(text);
        options_.tell(text);
        give_up_.start(options_.give_up_after);
    }
    next_.start(std::max(patience_.next(), trouble.retry_after.value_or(milliseconds{0})));
}

/// The request under way is the last one; else one more is made now, however late the server wants
/// to be asked again.
void Follower::give_up_soon() {
    last_chance_ = true;
    if (next_.running()) next_.start({});
}

// --- The end -----------------------------------------------------------------------------------

void Follower::finish(Outcome outcome) {
    stage_ = Stage::ending;
    http_.break_off();
    next_.stop();
    give_up_.stop();
    log_.flush_partial();
    outcome.log_bytes = log_.bytes();
    result_.outcome = outcome;
    ledger_.finish(outcome, {});
}

void Follower::leave(int signo) {
    if (stage_ == Stage::ending) {
        impatient_ = true;
        if (finish_trouble_) finish_delayed(*finish_trouble_);
    } else if (options_.cancel_on_exit && !cancel_wanted_) {
        cancel();
    } else {
        result_.signo = signo;
        finish(outcome_of_leaving(signo, cancel_wanted_));
    }
}

/// Somebody who waits for a ledger that cannot be used may stop waiting.
void Follower::finish_delayed(const Error& error) {
    if (impatient_) throw Error{error};
    if (!finish_trouble_) options_.tell(fmt::format("{}: trying again", error.message()));
    finish_trouble_ = error;
}

void Follower::lost() {
    stage_ = Stage::ending;
    result_.outcome.reset();
    place_.loop.stop();
}

/// Ctrl-Z: we stop only while no Store verb runs, for one that holds the write gate would hold up
/// every other writer.
void Follower::stop_self() {
    if (!ledger_.idle()) {
        stop_timer_.start(kStopMinInterval);
        return;
    }
    kill(getpid(), SIGSTOP);
}

FollowResult follow(
    Store& store,
    const Clock& clock,
    const FollowedAttempt& attempt,
    const FollowOptions& options) {
    SupervisorContext place{store};
    Follower follower{place, clock, attempt, options};
    return follower.run();
}

}  // namespace atlasjob::follow_gp
