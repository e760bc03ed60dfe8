#include "runner/worker/slot.h"

#include "process/identity.h"
#include "process/process_handle.h"
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

/// The longest sleep: programs that write around us ring no bell.
constexpr milliseconds kMaxSleep{1000};
/// Before a look that may well be in vain: after one that was, and for a job due this moment.
constexpr milliseconds kRest{10};
/// For a worker on its way out, which is a matter of scheduling.
constexpr int kWorkerEndMs = 5000;
/// What is free at the end of a job is kept for the next one up to here: given back, it would have
/// to be faulted in again for each, which costs more than half of what else we do (34 pages).
constexpr int kKeptFreeBytes = 4 << 20;

/// What a look for work found.
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
    Slot(Store& store, const Clock& clock, const SlotOptions& options);

    int run();

  private:
    void work();
    std::optional<Claim> next_claim();
    ClaimResult seek(Store& store, bool look_for_forgotten);
    int release_unspawned(Store& store);
    std::optional<Claim> execute(Claim claim);
    void tell_end(const Attempt& attempt, const std::optional<Finished>& finished);
    void hand_back();
    void hand_back_after_failure();
    void start_replacement();

    template <class Work>
    auto post(Work work);
    void await_change(milliseconds longest);
    milliseconds until(std::optional<Time> due) const;
    void say(char word);
    void told();
    void on_worker_pipe();
    void begin_leaving();

    const Clock& clock_;
    const SlotOptions& options_;
    const PathIdentity file_;
    const std::optional<ProcessHandle> parent_;
    ClaimRequest request_;
    SuperviseOptions supervise_;
    SupervisorContext place_;
    Supervision* current_ = nullptr;  ///< While an attempt is at hand.
    bool asleep_ = false;
    bool in_vain_ = false;  ///< The bell rang and nothing was there for us.
    bool leaving_ = false;
    bool worker_gone_ = false;
    bool unclear_ = false;      ///< An attempt may be ours without our running it.
    bool look_due_ = false;     ///< For such a one, though nothing speaks for it.
    bool left_behind_ = false;  ///< While leaving, something became runnable.
    char said_ = 0;
    std::optional<AttemptKey> at_hand_;  ///< Its command may have been spawned.
    Timer wake_;
    Timer looks_;
    std::vector<SignalWatch> signals_;
    std::optional<FdWatch> worker_;
};

Slot::Slot(Store& store, const Clock& clock, const SlotOptions& options)
    : clock_(clock),
      options_(options),
      file_(options.ledger),
      parent_(pin_parent()),
      request_{
          {.supervisor = current_process(), .lease = kLease, .starts_at_once = true},
          options.queues,
          options.queue_slots,
          std::string{kSlotActor},
          own_account(options.any_account)},
      place_(store),
      wake_(place_.loop, [this] { place_.loop.stop(); }),
      looks_(place_.loop, [this] { look_due_ = true; }) {
    looks_.start(options.timings.heartbeat, options.timings.heartbeat);
    supervise_.ledger = options.ledger;
    supervise_.logs_root = options.logs_root;
    supervise_.actor = kSlotActor;
    supervise_.next = request_;
    supervise_.timings = options.timings;
    for (const int signo : {SIGTERM, SIGINT})
        signals_.emplace_back(place_.loop, signo, [this] { told(); });
    worker_.emplace(
        place_.loop, STDIN_FILENO, FdWatch::Ready::readable, [this] { on_worker_pipe(); });
}

int Slot::run() {
    try {
        work();
    } catch (...) {
        hand_back_after_failure();
        throw;
    }
    if (worker_gone_ || left_behind_) start_replacement();
    return 0;
}

void Slot::work() {
    std::optional<Claim> claim = next_claim();
    while (claim && !leaving_) {
        say(kSlotBusy);
        claim = execute(std::move(*claim));
        if (!claim) claim = next_claim();
    }
    if (claim || unclear_) hand_back();
}

/// Calls `work(Store&)` on the ledger's thread; the loop goes on meanwhile.
template <class Work>
auto Slot::post(Work work) {
    using T = std::invoke_result_t<Work&, Store&>;
    std::optional<Result<T>> answer;
    place_.ledger.post(std::move(work), [&](Result<T>& given) {
        answer = std::move(given);
        place_.loop.stop();
    });
    while (!answer)
        place_.loop.run();
    return std::move(*answer);
}

/// Looks for work, and sleeps while there is none. Nothing: we leave.
std::optional<Claim> Slot::next_claim() {
    milliseconds retry = options_.timings.first_retry;
    while (!leaving_) {
        // What changes after this wakes us again.
        place_.changes.forget();
        if (!file_.is_there()) return {};
        const bool look = std::exchange(look_due_, false) || unclear_;
        auto sought = post([this, look](Store& store) { return seek(store, look); });
        if (sought.error) {
            unclear_ = unclear_ || sought.error->code() == ErrorCode::outcome_unknown;
            if (sought.error->code() == ErrorCode::ledger_moved) return {};
            if (!is_retryable(*sought.error)) throw Error{*sought.error};
            await_change(retry);
            retry = std::min(retry * 2, options_.timings.longest_retry);
            continue;
        }
        unclear_ = false;
        retry = options_.timings.first_retry;
        if (sought.value->claim) return std::move(sought.value->claim);
        say(kSlotIdle);
        if (!leaving_) await_change(until(sought.value->next_due));
    }
    return {};
}

ClaimResult Slot::seek(Store& store, bool look_for_forgotten) {
    if (look_for_forgotten) release_unspawned(store);
    ClaimResult sought{store.claim(request_, clock_.now()), {}};
    if (!sought.claim) sought.next_due = store.next_due(request_.account);
    return sought;
}

/// What the ledger holds for ours goes back, but for what is at hand; returns how many. Nothing
/// else can be ours while no claim is on its way: we run one attempt after the other.
int Slot::release_unspawned(Store& store) {
    int released = 0;
    for (const RunningAttempt& attempt : store.running_attempts()) {
        const bool ours = attempt.supervisor == request_.owner.supervisor;
        const bool at_hand = at_hand_ && at_hand_->fence == attempt.key.fence
                             && at_hand_->job_id == attempt.key.job_id;
        if (!ours || at_hand || attempt.process) continue;
        if (store.release(attempt.key, request_.actor, clock_.now())) ++released;
    }
    return released;
}

milliseconds Slot::until(std::optional<Time> due) const {
    if (!due) return kMaxSleep;
    return std::clamp(*due - clock_.now(), kRest, kMaxSleep);
}

void Slot::await_change(milliseconds longest) {
    bool rung = false;
    const milliseconds rest = in_vain_ ? kRest : milliseconds{0};
    place_.changes.listen(rest, rest, [&] {
        rung = true;
        place_.loop.stop();
    });
    wake_.start(longest);
    asleep_ = true;
    place_.loop.run();
    asleep_ = false;
    wake_.stop();
    place_.changes.stop();
    in_vain_ = rung;
}

std::optional<Claim> Slot::execute(Claim claim) {
    in_vain_ = false;
    // We were stopped meanwhile, and somebody may have taken it back and run it: it is not spawned,
    // but handed back and claimed anew.
    if (is_stale(claim.job, clock_.now())) {
        unclear_ = true;
        return {};
    }
    const Attempt attempt{
        claim.attempt, std::move(claim.job.owner), std::move(claim.command), claim.job.timeout,
        claim.job.seq};
    Supervision supervision{place_, clock_, attempt, supervise_};
    current_ = &supervision;
    at_hand_ = attempt.key;
    SuperviseResult result = supervision.run();
    at_hand_.reset();
    current_ = nullptr;
    if (result.claim_unclear || !result.finished) unclear_ = true;
    const bool requeued = result.finished && result.finished->status == Status::queued;
    left_behind_ = left_behind_ || (leaving_ && requeued);
    tell_end(attempt, result.finished);
    return std::move(result.claim);
}

void Slot::tell_end(const Attempt& attempt, const std::optional<Finished>& finished) {
    if (!finished || !may_start_on_end(attempt.command, finished->status)) return;
    post([&](Store& store) {
        start_owed_hooks(store, clock_, options_.on_end);
        return true;
    });
}

/// For as long as it takes, wherever the ledger was moved: once we are gone, nobody can tell that
/// it was never spawned.
void Slot::hand_back() {
    milliseconds retry = options_.timings.first_retry;
    for (;;) {
        const auto released = post([this](Store& store) { return release_unspawned(store); });
        left_behind_ = left_behind_ || released.value.value_or(1) > 0;
        if (!released.error || !is_retryable(*released.error)) return;
        await_change(retry);
        retry = std::min(retry * 2, options_.timings.longest_retry);
    }
}

/// Once: whatever ends us may keep us from it.
void Slot::hand_back_after_failure() {
    current_ = nullptr;
    // Its answers refer to what is gone.
    place_.ledger.abandon();
    try {
        post([this](Store& store) { return release_unspawned(store); });
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // The first failure is the one to tell of.
    }
}

/// A worker that was killed closes the line to us before it shows as ended: looked at too soon, it
/// would pass for one that serves.
void Slot::start_replacement() {
    if (!file_.is_there()) return;
    if (worker_gone_ && parent_) await_end({&*parent_, 1}, kWorkerEndMs);
    post([this](Store& store) { return ensure_worker(store, clock_, options_.successor); });
}

/// A worker that does not read, because it was stopped or is gone, must not stop us.
void Slot::say(char word) {
    if (said_ == word) return;
    if (write(STDOUT_FILENO, &word, 1) == 1) said_ = word;
}

void Slot::told() {
    if (leaving_ && current_ != nullptr) current_->shut_down();
    begin_leaving();
}

/// Nothing is ever written there: it is readable when the other end has closed.
void Slot::on_worker_pipe() {
    char ignored = 0;
    const ssize_t count = read(STDIN_FILENO, &ignored, 1);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) return;
    worker_.reset();
    worker_gone_ = true;
    begin_leaving();
}

void Slot::begin_leaving() {
    leaving_ = true;
    if (current_ != nullptr) current_->claim_nothing();
    if (asleep_) place_.loop.stop();
}

}  // namespace

int run_slot(Store& store, const Clock& clock, const SlotOptions& options) {
    // No other thread is there yet.
    mallopt(M_TRIM_THRESHOLD, kKeptFreeBytes);  // NOLINT(concurrency-mt-unsafe)
    return Slot{store, clock, options}.run();
}

}  // namespace atlasjob
