#include "runner/async/store_executor.h"

#include "event/signal_blocked_thread.h"

#include <utility>

namespace atlasjob {

bool is_retryable(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::outcome_unknown;
}

StoreExecutor::StoreExecutor(Store& store, Loop& loop)
    : store_(store),
      wakeup_(loop, [this] { deliver(); }),
      thread_(start_signal_blocked_thread([this] { run_thread(); })) {}

StoreExecutor::~StoreExecutor() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    requested_.notify_one();
    thread_.join();
}

void StoreExecutor::enqueue(Request request) {
    ++pending_;
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(std::move(request));
    }
    requested_.notify_one();
}

/// The result is delivered by the loop as usual, so that `done` never runs before the caller's
/// run_inline() has returned.
void StoreExecutor::execute_here(const Request& request) {
    ++pending_;
    request.work(store_);
    {
        const std::lock_guard lock{mutex_};
        results_.push_back(request.deliver);
    }
    wakeup_.notify();
}

void StoreExecutor::run_thread() {
    for (;;) {
        std::unique_lock lock{mutex_};
        requested_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
        if (stopping_) return;
        Request request = std::move(requests_.front());
        requests_.pop_front();
        busy_ = true;
        lock.unlock();
        request.work(store_);
        lock.lock();
        busy_ = false;
        results_.push_back(std::move(request.deliver));
        lock.unlock();
        became_idle_.notify_one();
        wakeup_.notify();
    }
}

void StoreExecutor::abandon() {
    std::unique_lock lock{mutex_};
    requests_.clear();
    became_idle_.wait(lock, [this] { return !busy_; });
    results_.clear();
    pending_ = 0;
}

void StoreExecutor::deliver() {
    std::vector<std::function<void()>> results;
    {
        const std::lock_guard lock{mutex_};
        results.swap(results_);
    }
    pending_ -= results.size();
    for (const auto& deliver_result : results)
        deliver_result();
}

}  // namespace atlasjob
