#include "runner/worker/worker.h"

#include "process/identity.h"
#include "process/unit.h"
#include "runner/attempt/foreground.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/supervisor.h"
#include "runner/maintenance/gc.h"
#include "runner/worker/replaced_ledger.h"
#include "runner/worker/restricted_worker.h"
#include "runner/worker/slot_group.h"
#include "runner/worker/worker_log.h"
#include "runner/worker/worker_registration.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <utility>

namespace atlasjob {

namespace {

constexpr milliseconds kOnDemandIdleExit{30'000};
/// Limits how often the queue is checked when the ledger changes.
constexpr milliseconds kQueueCheckMinInterval{1000};
/// Limits how often an idle worker checks whether its slots have a job.
constexpr milliseconds kSlotCheckMinInterval{50};
/// Before the next tick after one that failed because the ledger was unavailable.
constexpr milliseconds kTickRetry{1000};

/// Longer than the sender of kDrainSignal waits for the lock.
constexpr milliseconds kHandover = 2 * kMaxDrainWait;

/// The second signal to a slot. Not TERM again, since pending signals of one kind are merged.
constexpr int kSecondSignal = SIGINT;

struct TickResult {
    std::int64_t runnable = 0;
    std::optional<std::string> untrusted = {};  ///< Store::why_untrusted().
};

/// A running worker. Belongs to the loop's thread, except registration_ and replaced_, which only
/// the executor's thread uses.
class WorkerRun {
  public:
    WorkerRun(
        Store& store, LogStore& logs, const WorkerOptions& options, std::optional<WorkerLock> lock);

    /// Throws as run_worker().
    void run();

  private:
    void post(
        std::function<void(Store&)> work, std::function<void()> then = [] {});
    void tick();
    TickResult maintain(Store& store);
    void on_tick_result(const Result<TickResult>& result);
    void on_slot_exit(bool left_jobs);
    void leave_if_no_slot();
    void ensure_successor();
    void reap_orphans() const;

    void on_signal(int signo);
    void on_drain_signal();
    void drain();
    void begin_draining();
    void stop_slots();
    void shut_down();
    void announce(std::string_view state) const;
    void leave();

    void check_file();
    void abandon_ledger();
    void leave_moved();
    void serve_replacement(std::function<void()> then);

    void check_queue();
    void update_idle_timer();
    void drain_unless_running();
    void on_idle_timeout();

    const WorkerOptions& options_;
    const PathIdentity file_;
    const Unit unit_ = unit_of(getpid());
    const GcOptions gc_options_;
    WorkerRegistration registration_;
    SupervisorContext context_;
    Pipe lifeline_ = make_pipe();
    SlotGroup slots_;
    std::optional<milliseconds> idle_exit_;
    std::int64_t runnable_ = 0;
    bool ticking_ = false;
    RepeatedError tick_error_;
    bool tick_again_ = false;
    bool draining_ = false;
    bool signalled_ = false;      ///< Received TERM, INT or HUP.
    bool unit_stops_ = false;     ///< Its systemd unit is being stopped.
    bool shutting_down_ = false;  ///< Running jobs are stopped too.
    bool slots_stopped_ = false;
    bool is_replaced_ = false;  ///< Received kDrainSignal.
    bool left_ = false;
    bool ledger_gone_ = false;
    std::optional<std::string> untrusted_;  ///< Why it exits.
    bool left_idle_ = false;  ///< Jobs that are queued but not due are left to a successor.
    ReplacedLedger replaced_;
    Timer tick_timer_;
    Timer idle_timer_;
    Timer grace_timer_;
    Timer file_timer_;
    Timer handover_timer_;  ///< The sender of kDrainSignal may start another worker.
    std::vector<SignalWatch> signals_;
};

GcOptions gc_options_of(const WorkerOptions& options) {
    return {options.ledger, options.actor, {}, false, {}, options.on_end, {}, is_own_slot};
}

WorkerRun::WorkerRun(
    Store& store, LogStore& logs, const WorkerOptions& options, std::optional<WorkerLock> lock)
    : options_(options),
      file_(options.ledger.identity()),
      gc_options_(gc_options_of(options)),
      registration_(
          {current_process(), options.queues, options.slots, own_account(options.any_account),
           to_string(unit_)},
          options.ledger,
          std::move(lock)),
      context_(store, logs),
      slots_(
          context_.loop,
          {options.slot_command, options.ledger, lifeline_.read_end.get()},
          {[this](bool left_jobs) { on_slot_exit(left_jobs); }, [this] { check_queue(); }}),
      idle_exit_(options.idle_exit),
      replaced_(file_, options.successor, options.open_again),
      tick_timer_(context_.loop, [this] { tick(); }),
      idle_timer_(context_.loop, [this] { on_idle_timeout(); }),
      grace_timer_(context_.loop, [this] { shut_down(); }),
      file_timer_(context_.loop, [this] { check_file(); }),
      handover_timer_(context_.loop, [this] { leave_if_no_slot(); }) {
    if (options.on_demand && !idle_exit_) idle_exit_ = kOnDemandIdleExit;
    for (const int signo : {SIGTERM, SIGINT, SIGHUP}) {
        if (!is_ignored(signo))
            signals_.emplace_back(context_.loop, signo, [this, signo] { on_signal(signo); });
    }
    signals_.emplace_back(context_.loop, kDrainSignal, [this] { on_drain_signal(); });
    signals_.emplace_back(context_.loop, SIGCHLD, [this] { reap_orphans(); });
}

void WorkerRun::run() {
    if (options_.on_demand) {
        context_.changes.listen(
            kQueueCheckMinInterval, kQueueCheckMinInterval, [this] { check_queue(); });
    }
    file_timer_.start(options_.file_check, options_.file_check);
    tick();
    context_.loop.run();
    if (ledger_gone_) throw replaced_error(options_.ledger);
    if (untrusted_) throw untrusted_error(*untrusted_);
}

// --- Maintenance -------------------------------------------------------------------------------

void WorkerRun::tick() {
    tick_again_ = ticking_;
    if (ticking_ || ledger_gone_) return;
    ticking_ = true;
    context_.ledger.post(
        [this](Store& store) { return maintain(store); },
        [this](const Result<TickResult>& result) { on_tick_result(result); });
}

TickResult WorkerRun::maintain(Store& store) {
    registration_.renew(store);
    deregister_gone_workers(store);
    GcReport report;
    reap_lost(store, context_.logs, gc_options_, report);
    start_owed_hooks(store, options_.on_end);
    TickResult tick;
    if (options_.on_demand) tick.runnable = store.count_runnable(own_account(options_.any_account));
    if (!options_.any_account) tick.untrusted = store.why_untrusted();
    return tick;
}

void WorkerRun::on_tick_result(const Result<TickResult>& result) {
    ticking_ = false;
    tick_error_.note(result.error);
    if (result.error && result.error->code() == ErrorCode::ledger_moved) return abandon_ledger();
    if (result.error && !is_retryable(*result.error)) throw Error{*result.error};
    tick_timer_.start(result.error ? kTickRetry : options_.tick);
    if (result.error) return;
    if (result.value->untrusted && !draining_) {
        // why_untrusted() cannot judge a missing file: the ledger was moved.
        if (!file_.is_there()) return check_file();
        untrusted_ = result.value->untrusted;
        drain();
        return;
    }
    runnable_ = result.value->runnable;
    if (!slots_.started() && !draining_) {
        if (options_.on_demand) log_worker_info("started");
        slots_.start(options_.slots);
        announce("READY=1\nSTATUS=running queued jobs");
    }
    update_idle_timer();
    if (tick_again_) tick();
}

/// The slot may have died with a job, so tick at once to reap it.
void WorkerRun::on_slot_exit(bool left_jobs) {
    if (draining_) {
        if (left_jobs && file_.is_there()) ensure_successor();
        leave_if_no_slot();
    } else if (!file_.is_there()) {
        // The slot exited for that reason. A new one would serve the replacement.
        check_file();
    } else {
        tick();
    }
}

void WorkerRun::leave_if_no_slot() {
    if (!slots_.any_alive() && !handover_timer_.running()) leave();
}

/// Runs `work` on the executor's thread and then, whether it succeeded or not, `then` in the loop.
void WorkerRun::post(std::function<void(Store&)> work, std::function<void()> then) {
    context_.ledger.post(
        [work = std::move(work)](Store& store) {
            work(store);
            return true;
        },
        [then = std::move(then)](const Result<bool>&) { then(); });
}

/// For jobs that a slot has queued again. This worker may drain for hours, because of other slots.
/// One started in a unit that is being stopped would delay that, and then be killed with its jobs.
void WorkerRun::ensure_successor() {
    if (unit_stops_) return;
    post([this](Store& store) { ensure_worker(store, options_.successor); });
}

void WorkerRun::reap_orphans() const {
    context_.subreaper.reap_orphans(slots_.pids());
}

// --- Leaving -----------------------------------------------------------------------------------

void WorkerRun::on_signal(int signo) {
    unit_stops_ = unit_stops_ || unit_.is_stopped_by(signo);
    const bool first = !std::exchange(signalled_, true);
    if (!draining_) {
        drain();
    } else if (!first || !ledger_gone_) {
        shut_down();
    }
}

/// Who sent it starts another worker as soon as this one's lock is free, but may not be there any
/// more. This worker does not try before it, as its successor would be as restricted as it is.
void WorkerRun::on_drain_signal() {
    if (draining_) return;
    is_replaced_ = true;
    handover_timer_.start(kHandover);
    drain();
}

/// Until the ledger shows this worker as draining its slots go on: a job that is submitted before
/// then and finds this worker serving is not left behind by slots that have stopped.
void WorkerRun::drain() {
    begin_draining();
    if (options_.grace) grace_timer_.start(*options_.grace);
    post([this](Store& store) { registration_.drain(store); }, [this] { stop_slots(); });
}

void WorkerRun::begin_draining() {
    draining_ = true;
    announce("STOPPING=1\nSTATUS=waiting for running jobs to end");
    idle_timer_.stop();
    context_.changes.stop();
    slots_.disable_restart();
}

void WorkerRun::stop_slots() {
    if (!std::exchange(slots_stopped_, true)) slots_.signal(SIGTERM);
    leave_if_no_slot();
}

void WorkerRun::shut_down() {
    grace_timer_.stop();
    handover_timer_.stop();
    if (std::exchange(shutting_down_, true)) return;
    announce("STATUS=stopping running jobs");
    stop_slots();
    slots_.signal(kSecondSignal);
}

void WorkerRun::announce(std::string_view state) const {
    if (options_.on_state) options_.on_state(state);
}

void WorkerRun::leave() {
    if (std::exchange(left_, true)) return;
    if (ledger_gone_) return leave_moved();
    const auto last_steps = [this](Store& store) {
        GcReport report;
        reap_lost(store, context_.logs, gc_options_, report);
        registration_.leave(store);
        if ((left_idle_ || is_replaced_ || report.requeued > 0) && !unit_stops_)
            ensure_worker(store, options_.successor);
    };
    // If this fails, the row remains, and others see that the process is dead.
    post(last_steps, [this] { context_.loop.stop(); });
}

// --- A moved or replaced ledger ----------------------------------------------------------------

/// Polls, as moving an open file causes no notification. Continues while the slots finish, since
/// the ledger at the path may be replaced again.
void WorkerRun::check_file() {
    if (!ledger_gone_ && file_.is_there()) return;
    abandon_ledger();
    serve_replacement([] {});
}

/// Checks the path for the last time after deregistering: a ledger put there before has a worker
/// then, and processes that use one put there later see that this worker is gone.
void WorkerRun::leave_moved() {
    post([this](Store& store) { registration_.leave(store); });
    serve_replacement([this] { context_.loop.stop(); });
}

void WorkerRun::abandon_ledger() {
    if (std::exchange(ledger_gone_, true)) return;
    slots_.disable_restart();
    if (!draining_) drain();
}

void WorkerRun::serve_replacement(std::function<void()> then) {
    // On failure (the file may still be being copied) the next check tries again.
    post([this](Store&) { replaced_.ensure_served(); }, std::move(then));
}

// --- Idleness ----------------------------------------------------------------------------------

/// An on-demand worker also stays for jobs that are not due yet.
void WorkerRun::check_queue() {
    if (!options_.on_demand || slots_.busy() || draining_) return update_idle_timer();
    context_.ledger.post(
        [this](Store& store) { return store.count_runnable(own_account(options_.any_account)); },
        [this](const Result<std::int64_t>& result) {
            if (result.value) runnable_ = *result.value;
            update_idle_timer();
        });
}

void WorkerRun::update_idle_timer() {
    if (!idle_exit_ || draining_) return;
    if (slots_.busy() || runnable_ > 0) {
        idle_timer_.stop();
    } else if (!idle_timer_.running()) {
        idle_timer_.start(*idle_exit_);
    }
}

/// A slot reports that it is busy shortly after it has claimed a job, and draining it in between
/// would make it release the job. So check the ledger first.
void WorkerRun::drain_unless_running() {
    context_.ledger.post(
        [own = slots_.pids()](Store& store) { return runs_under(store, own); },
        [this](const Result<bool>& running) {
            if (draining_) return;
            // By then the slot will have reported it; checking more often would only slow it down.
            if (running.value.value_or(false))
                return idle_timer_.start(std::max(*idle_exit_, kSlotCheckMinInterval));
            left_idle_ = true;
            drain();
        });
}

void WorkerRun::on_idle_timeout() {
    if (!options_.on_demand) return drain_unless_running();
    context_.ledger.post(
        [this](Store& store) { return file_.is_there() && registration_.leave_if_idle(store); },
        [this](const Result<bool>& left) {
            if (!left.value.value_or(false)) return check_queue();
            if (!draining_) begin_draining();
            stop_slots();
        });
}

}  // namespace

int run_worker(Store& store, LogStore& logs, const WorkerOptions& options) {
    if (!options.any_account) {
        if (const auto why = store.why_untrusted()) throw untrusted_error(*why);
    }
    std::optional<WorkerLock> lock;
    if (options.on_demand) {
        lock = WorkerLock::take_over(options.ledger);
        if (!lock) return 0;
    }
    WorkerRun{store, logs, options, std::move(lock)}.run();
    return 0;
}

}  // namespace atlasjob
