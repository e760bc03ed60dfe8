#include "runner/worker/slot.h"

#include "process/identity.h"
#include "process/process_handle.h"
#include "process/unit.h"
#include "runner/attempt/attempt_reporter.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/supervision.h"
#include "runner/worker/replaced_ledger.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

namespace atlasjob {

namespace {

/// Polling interval, for changes by other programs, which do not notify.
constexpr milliseconds kMaxSleep{1000};
/// Pause before the next claim if the last notified one found nothing or the next job is due now.
constexpr milliseconds kMinSleep{10};
/// How long to wait for a worker that is exiting.
constexpr int kWorkerExitMs = 5000;
/// How much free memory malloc keeps between jobs. Returning it to the system costs 34 page faults
/// per job, more than half of a slot's own time.
constexpr int kKeptFreeBytes = 4 << 20;

struct ClaimResult {
    std::optional<Claim> claim;
    std::optional<Time> next_due;
};

std::optional<ProcessHandle> pin_parent() {
    const auto stat = proc_stat(getppid());
    return stat ? pin(*stat) : std::nullopt;
}

class Slot {
  public:
    Slot(Store& store, LogStore& logs, const Clock& clock, const SlotOptions& options);

    int run();

  private:
    void work();
    std::optional<Claim> wait_for_claim();
    ClaimResult try_claim(Store& store, bool release_first);
    int release_unspawned(Store& store);
    std::optional<Claim> execute(Claim claim);
    void start_hooks(const Attempt& attempt, const std::optional<Finished>& finished);
    void release_all();
    void release_after_failure();
    void start_replacement();

    template <class Work>
    auto post(Work work);
    void await_change(milliseconds timeout);
    milliseconds time_until(std::optional<Time> due) const;
    void notify_worker(char state);
    void on_signal(int signo);
    void on_child_exit();
    void on_worker_pipe();
    void begin_leaving();

    const Clock& clock_;
    const SlotOptions& options_;
    const PathIdentity file_;
    const Unit unit_ = unit_of(getpid());
    const std::optional<ProcessHandle> parent_;
    ClaimRequest request_;
    SuperviseOptions supervise_options_;
    SupervisorContext context_;
    Supervision* current_ = nullptr;  ///< While an attempt is supervised.
    bool asleep_ = false;
    bool was_notified_ = false;  ///< A notification ended the last sleep, and no job ran since.
    bool leaving_ = false;
    bool worker_gone_ = false;
    bool unit_stops_ = false;     ///< Its systemd unit is being stopped.
    bool claim_unclear_ = false;  ///< An attempt may be claimed for this slot without it knowing.
    bool release_due_ = false;    ///< Check for such attempts even without a sign of one.
    bool jobs_left_ = false;      ///< While leaving, a job became runnable.
    char reported_state_ = 0;
    std::optional<AttemptKey> supervised_;  ///< Its command may have been spawned.
    Timer wake_timer_;
    Timer release_timer_;
    std::vector<SignalWatch> signals_;
    std::optional<FdWatch> worker_watch_;
};

Slot::Slot(Store& store, LogStore& logs, const Clock& clock, const SlotOptions& options)
    : clock_(clock),
      options_(options),
      file_(options.ledger.identity()),
      parent_(pin_parent()),
      request_{
          {.supervisor = current_process(), .lease = kLease, .starts_at_once = true},
          options.queues,
          options.queue_slots,
          std::string{kSlotActor},
          own_account(options.any_account),
          identify(getppid())},
      context_(store, logs),
      wake_timer_(context_.loop, [this] { context_.loop.stop(); }),
      release_timer_(context_.loop, [this] { release_due_ = true; }) {
    release_timer_.start(options.timings.heartbeat, options.timings.heartbeat);
    supervise_options_.ledger = options.ledger;
    supervise_options_.actor = kSlotActor;
    supervise_options_.next = request_;
    supervise_options_.timings = options.timings;
    if (options.bounded) supervise_options_.bounds = own_attributes();
    for (const int signo : {SIGTERM, SIGINT, SIGHUP})
        signals_.emplace_back(context_.loop, signo, [this, signo] { on_signal(signo); });
    signals_.emplace_back(context_.loop, SIGCHLD, [this] { on_child_exit(); });
    worker_watch_.emplace(
        context_.loop, STDIN_FILENO, FdWatch::Ready::readable, [this] { on_worker_pipe(); });
}

int Slot::run() {
    try {
        work();
    } catch (...) {
        release_after_failure();
        throw;
    }
    if (worker_gone_ && !unit_stops_) start_replacement();
    return jobs_left_ && !worker_gone_ ? kSlotLeftJobs : 0;
}

void Slot::work() {
    std::optional<Claim> claim = wait_for_claim();
    while (claim && !leaving_) {
        notify_worker(kSlotBusy);
        claim = execute(std::move(*claim));
        if (!claim) claim = wait_for_claim();
    }
    if (claim || claim_unclear_) release_all();
}

/// Calls `work(Store&)` on the executor's thread and runs the loop until it returns.
template <class Work>
auto Slot::post(Work work) {
    using T = std::invoke_result_t<Work&, Store&>;
    std::optional<Result<T>> result;
    context_.ledger.post(std::move(work), [&](Result<T>& delivered) {
        result = std::move(delivered);
        context_.loop.stop();
    });
    while (!result)
        context_.loop.run();
    return std::move(*result);
}

/// Claims the next job, sleeping while there is none. nullopt if the slot must exit.
std::optional<Claim> Slot::wait_for_claim() {
    milliseconds retry = options_.timings.first_retry;
    while (!leaving_) {
        // Discard before claiming, so that later changes end the sleep.
        context_.changes.discard();
        if (!file_.is_there()) return {};
        const bool release_first = std::exchange(release_due_, false) || claim_unclear_;
        auto result =
            post([this, release_first](Store& store) { return try_claim(store, release_first); });
        if (result.error) {
            claim_unclear_ = claim_unclear_ || result.error->code() == ErrorCode::outcome_unknown;
            if (result.error->code() == ErrorCode::ledger_moved) return {};
            if (!is_retryable(*result.error)) throw Error{*result.error};
            await_change(retry);
            retry = std::min(retry * 2, options_.timings.max_retry);
            continue;
        }
        claim_unclear_ = false;
        retry = options_.timings.first_retry;
        if (result.value->claim) return std::move(result.value->claim);
        notify_worker(kSlotIdle);
        if (!leaving_) await_change(time_until(result.value->next_due));
    }
    return {};
}

ClaimResult Slot::try_claim(Store& store, bool release_first) {
    if (release_first) release_unspawned(store);
    ClaimResult result{store.claim(request_), {}};
    if (!result.claim) result.next_due = store.next_due(request_.account);
    return result;
}

/// Releases the attempts that the ledger holds for this slot, except the one being supervised;
/// returns how many. Call it only while no claim is pending: since a slot runs one attempt at a
/// time, every other attempt of this process is one that it does not know of.
int Slot::release_unspawned(Store& store) {
    int released = 0;
    for (const RunningAttempt& attempt : store.running_attempts()) {
        const bool is_own = attempt.supervisor == request_.owner.supervisor;
        const bool is_supervised = supervised_ && supervised_->fence == attempt.key.fence
                                   && supervised_->job_id == attempt.key.job_id;
        if (!is_own || is_supervised || attempt.process) continue;
        if (store.release(attempt.key, request_.actor)) ++released;
    }
    return released;
}

milliseconds Slot::time_until(std::optional<Time> due) const {
    if (!due) return kMaxSleep;
    return std::clamp(*due - clock_.now(), kMinSleep, kMaxSleep);
}

void Slot::await_change(milliseconds timeout) {
    bool notified = false;
    const milliseconds delay = was_notified_ ? kMinSleep : milliseconds{0};
    context_.changes.listen(delay, delay, [&] {
        notified = true;
        context_.loop.stop();
    });
    wake_timer_.start(timeout);
    asleep_ = true;
    context_.loop.run();
    asleep_ = false;
    wake_timer_.stop();
    context_.changes.stop();
    was_notified_ = notified;
}

std::optional<Claim> Slot::execute(Claim claim) {
    was_notified_ = false;
    // This process was stopped for so long that the attempt may have been reaped and run elsewhere.
    // Do not spawn it; release it and claim again.
    if (is_stale(claim.job, clock_.now())) {
        claim_unclear_ = true;
        return {};
    }
    const Attempt attempt{
        claim.attempt, std::move(claim.job.owner), std::move(claim.command), claim.job.timeout,
        claim.job.seq};
    Supervision supervision{context_, clock_, attempt, supervise_options_};
    current_ = &supervision;
    supervised_ = attempt.key;
    SuperviseResult result = supervision.run();
    supervised_.reset();
    current_ = nullptr;
    if (result.claim_unclear || !result.finished) claim_unclear_ = true;
    const bool requeued = result.finished && result.finished->status == Status::queued;
    jobs_left_ = jobs_left_ || (leaving_ && requeued);
    start_hooks(attempt, result.finished);
    return std::move(result.claim);
}

void Slot::start_hooks(const Attempt& attempt, const std::optional<Finished>& finished) {
    if (!finished || !may_start_on_end(attempt.command, finished->status)) return;
    post([&](Store& store) {
        start_owed_hooks(store, options_.on_end);
        return true;
    });
}

/// Retries without limit: once this process has exited, others cannot tell that the attempt's
/// command was never spawned.
void Slot::release_all() {
    milliseconds retry = options_.timings.first_retry;
    for (;;) {
        const auto released = post([this](Store& store) { return release_unspawned(store); });
        jobs_left_ = jobs_left_ || released.value.value_or(1) > 0;
        if (!released.error || !is_retryable(*released.error)) return;
        await_change(retry);
        retry = std::min(retry * 2, options_.timings.max_retry);
    }
}

/// Tries only once, as the failure may make this impossible.
void Slot::release_after_failure() {
    current_ = nullptr;
    // Pending results refer to destroyed objects.
    context_.ledger.abandon();
    try {
        post([this](Store& store) { return release_unspawned(store); });
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // The caller reports the first failure.
    }
}

/// Waits for the worker to exit: a killed process closes its pipes before it shows as dead, and
/// ensure_worker() would treat it as alive.
void Slot::start_replacement() {
    if (!file_.is_there()) return;
    if (parent_) await_end({&*parent_, 1}, kWorkerExitMs);
    post([this](Store& store) { return ensure_worker(store, options_.successor); });
}

/// Never blocks (the pipe is non-blocking), as the worker may be stopped or gone.
void Slot::notify_worker(char state) {
    if (reported_state_ == state) return;
    if (write(STDOUT_FILENO, &state, 1) == 1) reported_state_ = state;
}

void Slot::on_signal(int signo) {
    unit_stops_ = unit_stops_ || unit_.is_stopped_by(signo);
    if (current_ != nullptr) current_->on_stop_signal();
    if (leaving_ && current_ != nullptr) current_->shut_down();
    begin_leaving();
}

/// Between jobs: hooks, and what jobs with keep_strays left running.
void Slot::on_child_exit() {
    if (current_ == nullptr) context_.subreaper.reap_orphans({});
}

/// The pipe is never written, so it becomes readable only when the worker's end is closed.
void Slot::on_worker_pipe() {
    char ignored = 0;
    const ssize_t count = read(STDIN_FILENO, &ignored, 1);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) return;
    worker_watch_.reset();
    worker_gone_ = true;
    begin_leaving();
}

void Slot::begin_leaving() {
    leaving_ = true;
    if (current_ != nullptr) current_->claim_nothing();
    if (asleep_) context_.loop.stop();
}

}  // namespace

int run_slot(Store& store, LogStore& logs, const Clock& clock, const SlotOptions& options) {
    // Called before any other thread is started.
    mallopt(M_TRIM_THRESHOLD, kKeptFreeBytes);  // NOLINT(concurrency-mt-unsafe)
    return Slot{store, logs, clock, options}.run();
}

}  // namespace atlasjob
