#pragma once

#include "base/file.h"
#include "event/loop.h"
#include "mcp/jobs/store_handle.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace atlasjob::mcp {

/// Runs calls that write to the ledger, one at a time, on its own thread with its own store: a
/// process that holds the write lock for long must not delay other clients' reads and pings.
/// The thread starts with the first request; while none is queued, the loop watches nothing for it.
/// No signal of the process is delivered to the thread.
///
/// Used from the loop's thread only. The destructor waits for the request in progress.
class CallExecutor {
  public:
    /// `loop` must outlive it.
    CallExecutor(Loop& loop, StoreHandle ledger);
    CallExecutor(const CallExecutor&) = delete;
    CallExecutor& operator=(const CallExecutor&) = delete;
    ~CallExecutor();

    /// Queues `work`, which must not throw, for the thread; then calls `done` in the loop.
    void post(std::function<void(StoreHandle&)> work, std::function<void()> done);
    /// Waits until all queued work has run, and calls its `done`.
    void finish();

  private:
    struct Request {
        std::function<void(StoreHandle&)> work;
        std::function<void()> done;
    };

    void run_requests();
    void deliver();
    void await_done();

    StoreHandle ledger_;  ///< Used by the thread alone once it runs.
    std::size_t pending_ = 0;
    UniqueFd wakeup_;  ///< An eventfd, readable when a request has finished.
    FdWatch watch_;
    std::mutex mutex_;
    std::condition_variable changed_;
    // The members below are protected by mutex_.
    std::deque<Request> requests_;
    std::vector<std::function<void()>> done_;
    bool stopping_ = false;
    // Last: it uses all other members.
    std::optional<std::thread> thread_;
};

}  // namespace atlasjob::mcp
