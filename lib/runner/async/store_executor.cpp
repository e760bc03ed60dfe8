#include "runner/async/store_executor.h"

#include "event/signal_blocked_thread.h"

#include <utility>

namespace atlasjob {

bool worth_retrying(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::outcome_unknown;
}

StoreExecutor::StoreExecutor(Store& store, Loop& loop)
    : store_(store),
      wakeup_(loop, [this] { deliver(); }),
      thread_(start_signal_blocked_thread([this] { serve(); })) {}

StoreExecutor::~StoreExecutor() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    asked_.notify_one();
    thread_.join();
}

void StoreExecutor::enqueue(Request request) {
    ++waiting_;
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(std::move(request));
    }
    asked_.notify_one();
}

/// The answer takes the usual way, so that nobody is answered before having asked.
void StoreExecutor::serve_here(const Request& request) {
    ++waiting_;
    request.work(store_);
    {
        const std::lock_guard lock{mutex_};
        answers_.push_back(request.deliver);
    }
    wakeup_.ring();
}

void StoreExecutor::serve() {
    for (;;) {
        std::unique_lock lock{mutex_};
        asked_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
        if (stopping_) return;
        Request request = std::move(requests_.front());
        requests_.pop_front();
        busy_ = true;
        lock.unlock();
        request.work(store_);
        lock.lock();
        busy_ = false;
        answers_.push_back(std::move(request.deliver));
        lock.unlock();
        rested_.notify_one();
        wakeup_.ring();
    }
}

void StoreExecutor::abandon() {
    std::unique_lock lock{mutex_};
    requests_.clear();
    rested_.wait(lock, [this] { return !busy_; });
    answers_.clear();
    waiting_ = 0;
}

void StoreExecutor::deliver() {
    std::vector<std::function<void()>> answers;
    {
        const std::lock_guard lock{mutex_};
        answers.swap(answers_);
    }
    waiting_ -= answers.size();
    for (const auto& answer : answers)
        answer();
}

}  // namespace atlasjob
