#include "mcp/server/write_queue.h"

#include <iterator>

namespace atlasjob::mcp {

Executor<StoreHandle>& WriteQueue::executor() {
    if (!executor_) executor_.emplace(ledger_, loop_);
    return *executor_;
}

void WriteQueue::reap_lost(const std::set<JobId>& jobs) {
    if (!reap_queue_.empty()) return;
    try {
        reap_queue_ = registry_.may_be_lost(jobs);
        reap_next();
    } catch (const std::exception&) {
        // The ledger cannot be read, or no thread can be started: the next call tries again.
        reap_queue_.clear();
    }
}

void WriteQueue::reap_next() {
    if (reap_queue_.empty()) return;
    const auto work = [this, id = reap_queue_.front()](StoreHandle& ledger) {
        registry_.reap_lost(ledger, id);
        return true;
    };
    // If it failed, another process, or the next call, may succeed.
    executor().post(work, [this](const Result<bool>&) {
        reap_queue_.pop_front();
        reap_next();
    });
}

void WriteQueue::finish() {
    // Reaps that have not begun are left to other processes.
    if (!reap_queue_.empty()) reap_queue_.erase(std::next(reap_queue_.begin()), reap_queue_.end());
    if (executor_) executor_->finish();
}

}  // namespace atlasjob::mcp
