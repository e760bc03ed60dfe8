#include "runner/async/store_executor.h"

#include "event/signal_blocked_thread.h"

namespace atlasjob {

bool is_retryable(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::outcome_unknown;
}

ExecutorThread::ExecutorThread(Loop& loop)
    : wakeup_(loop, [this] { deliver(); }),
      thread_(start_signal_blocked_thread([this] { run_thread(); })) {
    wakeup_.set_active(false);
}

ExecutorThread::~ExecutorThread() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    requested_.notify_one();
    thread_.join();
}

void ExecutorThread::add_pending() {
    if (pending_++ == 0) wakeup_.set_active(true);
}

void ExecutorThread::enqueue(Request request) {
    add_pending();
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(std::move(request));
    }
    requested_.notify_one();
}

/// The result is delivered by the loop as usual, so that `done` never runs before the caller's
/// run_inline() has returned.
void ExecutorThread::execute_here(const Request& request) {
    add_pending();
    request.work();
    {
        const std::lock_guard lock{mutex_};
        results_.push_back(request.deliver);
    }
    wakeup_.notify();
}

void ExecutorThread::run_thread() {
    for (;;) {
        std::unique_lock lock{mutex_};
        requested_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
        if (stopping_) return;
        Request request = std::move(requests_.front());
        requests_.pop_front();
        busy_ = true;
        lock.unlock();
        request.work();
        lock.lock();
        busy_ = false;
        results_.push_back(std::move(request.deliver));
        lock.unlock();
        finished_.notify_one();
        wakeup_.notify();
    }
}

void ExecutorThread::abandon() {
    std::unique_lock lock{mutex_};
    requests_.clear();
    finished_.wait(lock, [this] { return !busy_; });
    results_.clear();
    lock.unlock();
    if (std::exchange(pending_, 0) > 0) wakeup_.set_active(false);
}

void ExecutorThread::finish() {
    while (pending_ > 0) {
        await_result();
        deliver();
    }
}

void ExecutorThread::await_result() {
    std::unique_lock lock{mutex_};
    finished_.wait(lock, [this] { return !results_.empty(); });
}

void ExecutorThread::deliver() {
    std::vector<std::function<void()>> results;
    {
        const std::lock_guard lock{mutex_};
        results.swap(results_);
    }
    pending_ -= results.size();
    if (pending_ == 0) wakeup_.set_active(false);
    for (const auto& deliver_result : results)
        deliver_result();
}

}  // namespace atlasjob
