#include "runner/worker/worker.h"

#include "process/identity.h"
#include "runner/attempt/foreground.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/supervisor.h"
#include "runner/maintenance/gc.h"
#include "runner/worker/replaced_ledger.h"
#include "runner/worker/slot_process.h"
#include "runner/worker/worker_registration.h"

#include <algorithm>
#include <csignal>
#include <functional>
#include <utility>

namespace atlasjob {

namespace {

constexpr milliseconds kOnDemandIdle{30'000};
/// Between two looks at what is queued, however often the bell rings.
constexpr milliseconds kLookMinInterval{1000};
/// Between two looks at whether an idle worker's slots were just given something.
constexpr milliseconds kLookAtSlots{50};
/// After a tick that the ledger did not allow.
constexpr milliseconds kTickAgain{1000};

/// What a slot takes for the second signal: two of one kind can become one on their way.
constexpr int kSecond = SIGINT;

/// What a tick found.
struct Tick {
    std::int64_t runnable = 0;
    std::optional<std::string> untrusted = {};  ///< Store::why_untrusted.
};

/// A worker from its first entry in the ledger to its end. Belongs to the loop's thread, but for
/// enrolment_ and replaced_, which the ledger thread alone uses.
class WorkerRun {
  public:
    WorkerRun(
        Store& store,
        const Clock& clock,
        const WorkerOptions& options,
        std::optional<WorkerLock> lock);

    /// Throws ledger_moved when the ledger's file has gone.
    void run();

  private:
    void tick();
    Tick look_after(Store& store);
    void take(const Result<Tick>& answer);
    void start_slots();
    void slot_ended();
    void reap_orphans() const;
    std::vector<pid_t> slot_pids() const;

    void told();
    void drain();
    void stop_slots();
    void end_now();
    void signal_slots(int signo) const;
    void leave();

    void look_at_file();
    void leave_file();
    void leave_moved();
    void hand_over(std::function<void()> then);

    bool busy() const;
    void look_at_queue();
    void consider_idleness();
    void leave_unless_running();
    void idle_for_long();

    const Clock& clock_;
    const WorkerOptions& options_;
    const PathIdentity file_;
    const GcOptions reaping_;
    WorkerRegistration enrolment_;
    SupervisorContext place_;
    Pipe lifeline_ = make_pipe();
    SlotProcess::Setup slot_setup_;
    SlotProcess::Calls slot_calls_;
    std::optional<milliseconds> idle_exit_;
    std::int64_t runnable_ = 0;
    bool ticking_ = false;
    bool tick_again_ = false;
    bool draining_ = false;
    bool told_ = false;        ///< To leave.
    bool slots_told_ = false;  ///< Of the drain.
    bool ending_ = false;      ///< What runs is ended too.
    bool left_ = false;
    bool ledger_gone_ = false;
    std::optional<std::string> untrusted_;  ///< Why it leaves.
    bool left_idle_ = false;                ///< What is queued but not due is left to a successor.
    ReplacedLedger replaced_;
    Timer tick_timer_;
    Timer idle_timer_;
    Timer grace_timer_;
    Timer file_timer_;
    std::vector<SignalWatch> signals_;
    std::vector<std::unique_ptr<SlotProcess>> slots_;
};

GcOptions reaping_of(const WorkerOptions& options) {
    GcOptions reaping;
    reaping.logs_root = options.logs_root;
    reaping.actor = options.actor;
    reaping.on_end = options.on_end;
    return reaping;
}

WorkerRun::WorkerRun(
    Store& store, const Clock& clock, const WorkerOptions& options, std::optional<WorkerLock> lock)
    : clock_(clock),
      options_(options),
      file_(options.ledger),
      reaping_(reaping_of(options)),
      enrolment_(
          {current_process(), options.queues, options.slots, own_account(options.any_account)},
          options.ledger,
          std::move(lock)),
      place_(store),
      slot_setup_{options.slot_command, lifeline_.read_end.get()},
      slot_calls_{[this] { slot_ended(); }, [this] { look_at_queue(); }},
      idle_exit_(options.idle_exit),
      replaced_(file_, options.successor, options.open_again),
      tick_timer_(place_.loop, [this] { tick(); }),
      idle_timer_(place_.loop, [this] { idle_for_long(); }),
      grace_timer_(place_.loop, [this] { end_now(); }),
      file_timer_(place_.loop, [this] { look_at_file(); }) {
    if (options.on_demand && !idle_exit_) idle_exit_ = kOnDemandIdle;
    for (const int signo : {SIGTERM, SIGINT, SIGHUP}) {
        if (!is_ignored(signo)) signals_.emplace_back(place_.loop, signo, [this] { told(); });
    }
    signals_.emplace_back(place_.loop, SIGCHLD, [this] { reap_orphans(); });
}

void WorkerRun::run() {
    if (options_.on_demand) {
        place_.changes.listen(kLookMinInterval, kLookMinInterval, [this] { look_at_queue(); });
    }
    file_timer_.start(options_.file_look, options_.file_look);
    tick();
    place_.loop.run();
    if (ledger_gone_) throw replaced_error(options_.ledger);
    if (untrusted_) throw untrusted_error(*untrusted_);
}

// --- Looking after the ledger ------------------------------------------------------------------

void WorkerRun::tick() {
    tick_again_ = ticking_;
    if (ticking_ || ledger_gone_) return;
    ticking_ = true;
    place_.ledger.post(
        [this](Store& store) { return look_after(store); },
        [this](const Result<Tick>& answer) { take(answer); });
}

Tick WorkerRun::look_after(Store& store) {
    enrolment_.renew(store, clock_.now());
    deregister_gone_workers(store, clock_.now());
    GcReport report;
    reap_lost(store, clock_, reaping_, report);
    start_owed_hooks(store, clock_, options_.on_end);
    Tick tick;
    if (options_.on_demand) tick.runnable = store.count_runnable(own_account(options_.any_account));
    if (!options_.any_account) tick.untrusted = store.why_untrusted();
    return tick;
}

void WorkerRun::take(const Result<Tick>& answer) {
    ticking_ = false;
    if (answer.error && answer.error->code() == ErrorCode::ledger_moved) return leave_file();
    if (answer.error && !is_retryable(*answer.error)) throw Error{*answer.error};
    tick_timer_.start(answer.error ? kTickAgain : options_.tick);
    if (answer.error) return;
    if (answer.value->untrusted && !draining_) {
        // What is not there cannot be judged.
        if (!file_.is_there()) return look_at_file();
        untrusted_ = answer.value->untrusted;
        drain();
        return;
    }
    runnable_ = answer.value->runnable;
    if (slots_.empty() && !draining_) start_slots();
    consider_idleness();
    if (tick_again_) tick();
}

void WorkerRun::start_slots() {
    for (int n = 0; n < options_.slots; ++n)
        slots_.push_back(std::make_unique<SlotProcess>(place_.loop, slot_setup_, slot_calls_));
}

/// It may have died with a job: what that left behind is looked after at once.
void WorkerRun::slot_ended() {
    if (draining_) {
        if (!std::ranges::any_of(slots_, [](const auto& slot) { return slot->runs(); })) leave();
    } else if (!file_.is_there()) {
        // That is why it has ended: another one would serve what is there now.
        look_at_file();
    } else {
        tick();
    }
}

void WorkerRun::reap_orphans() const {
    place_.subreaper.reap_orphans(slot_pids());
}

std::vector<pid_t> WorkerRun::slot_pids() const {
    std::vector<pid_t> pids;
    for (const auto& slot : slots_)
        pids.push_back(slot->pid());
    return pids;
}

// --- Leaving -----------------------------------------------------------------------------------

void WorkerRun::told() {
    const bool first = !std::exchange(told_, true);
    if (!draining_) {
        drain();
    } else if (!first || !ledger_gone_) {
        end_now();
    }
}

/// Slots are told once the ledger says that we take no more: what one of them requeues then goes to
/// somebody else.
void WorkerRun::drain() {
    draining_ = true;
    idle_timer_.stop();
    if (options_.grace) grace_timer_.start(*options_.grace);
    place_.ledger.post(
        [this](Store& store) {
            enrolment_.drain(store, clock_.now());
            return true;
        },
        [this](const Result<bool>&) { stop_slots(); });
}

void WorkerRun::stop_slots() {
    draining_ = true;
    idle_timer_.stop();
    place_.changes.stop();
    for (const auto& slot : slots_)
        slot->stay_down();
    signal_slots(SIGTERM);
    if (ending_) signal_slots(kSecond);
    slots_told_ = true;
    slot_ended();
}

void WorkerRun::end_now() {
    grace_timer_.stop();
    if (!std::exchange(ending_, true) && slots_told_) signal_slots(kSecond);
}

void WorkerRun::signal_slots(int signo) const {
    for (const auto& slot : slots_)
        slot->signal(signo);
}

void WorkerRun::leave() {
    if (std::exchange(left_, true)) return;
    if (ledger_gone_) return leave_moved();
    place_.ledger.post(
        [this](Store& store) {
            GcReport report;
            reap_lost(store, clock_, reaping_, report);
            enrolment_.leave(store);
            if (left_idle_ || report.requeued > 0) {
                ensure_worker(store, clock_, options_.successor);
            }
            return true;
        },
        // A ledger that cannot be used keeps our entry, which others see to be dead.
        [this](const Result<bool>&) { place_.loop.stop(); });
}

// --- Another file than ours --------------------------------------------------------------------

/// Whoever has it open does not hear that a file was moved. What is at our path while our slots end
/// their jobs may change, too.
void WorkerRun::look_at_file() {
    if (!ledger_gone_ && file_.is_there()) return;
    leave_file();
    hand_over([] {});
}

/// The last look comes last: what was put there before it has a worker, and what comes later sees
/// that we are gone.
void WorkerRun::leave_moved() {
    place_.ledger.post(
        [this](Store& store) {
            enrolment_.leave(store);
            return true;
        },
        [](const Result<bool>&) {});
    hand_over([this] { place_.loop.stop(); });
}

void WorkerRun::leave_file() {
    if (std::exchange(ledger_gone_, true)) return;
    for (const auto& slot : slots_)
        slot->stay_down();
    if (!draining_) drain();
}

void WorkerRun::hand_over(std::function<void()> then) {
    place_.ledger.post(
        [this](Store&) {
            replaced_.see_to(clock_);
            return true;
        },
        // One that is not whole yet is tried again.
        [then = std::move(then)](const Result<bool>&) { then(); });
}

// --- Idleness ----------------------------------------------------------------------------------

/// A slot that cannot be started has nothing to do.
bool WorkerRun::busy() const {
    return slots_.empty()
           || std::ranges::any_of(slots_, [](const auto& slot) { return slot->busy(); });
}

/// An on-demand worker stays for jobs that are not due yet, too.
void WorkerRun::look_at_queue() {
    if (!options_.on_demand || busy() || draining_) return consider_idleness();
    place_.ledger.post(
        [this](Store& store) { return store.count_runnable(own_account(options_.any_account)); },
        [this](const Result<std::int64_t>& answer) {
            if (answer.value) runnable_ = *answer.value;
            consider_idleness();
        });
}

void WorkerRun::consider_idleness() {
    if (!idle_exit_ || draining_) return;
    if (busy() || runnable_ > 0) {
        idle_timer_.stop();
    } else if (!idle_timer_.running()) {
        idle_timer_.start(*idle_exit_);
    }
}

/// A slot says that it is busy a moment after the ledger has given it a job: who told it to leave
/// then would have it hand the job back.
void WorkerRun::leave_unless_running() {
    place_.ledger.post(
        [own = slot_pids()](Store& store) { return runs_under(store, own); },
        [this](const Result<bool>& running) {
            if (draining_) return;
            // It will have said so by then; looking again and again would only delay it.
            if (running.value.value_or(false))
                return idle_timer_.start(std::max(*idle_exit_, kLookAtSlots));
            left_idle_ = true;
            drain();
        });
}

void WorkerRun::idle_for_long() {
    if (!options_.on_demand) return leave_unless_running();
    place_.ledger.post(
        [this](Store& store) {
            return file_.is_there() && enrolment_.leave_if_idle(store, clock_.now());
        },
        [this](const Result<bool>& left) {
            if (left.value.value_or(false)) {
                stop_slots();
            } else {
                look_at_queue();
            }
        });
}

}  // namespace

int run_worker(Store& store, const Clock& clock, const WorkerOptions& options) {
    if (!options.any_account) {
        if (const auto why = store.why_untrusted()) throw untrusted_error(*why);
    }
    std::optional<WorkerLock> lock;
    if (options.on_demand) {
        lock = WorkerLock::take_over(options.ledger);
        if (!lock) return 0;
    }
    WorkerRun{store, clock, options, std::move(lock)}.run();
    return 0;
}

}  // namespace atlasjob
