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

/// Runs what writes to the ledger, one piece after the other, on a thread and with an access of its
/// own: whoever holds the write gate for long must not keep clients from reading, or from a ping.
/// The thread starts with the first piece; between two pieces the loop has nothing of it to watch.
/// No signal of the process is delivered to the thread.
///
/// Belongs to the loop's thread. Destroying it waits for the piece at hand.
class CallExecutor {
  public:
    /// `loop` must outlive it.
    CallExecutor(Loop& loop, StoreHandle ledger);
    CallExecutor(const CallExecutor&) = delete;
    CallExecutor& operator=(const CallExecutor&) = delete;
    ~CallExecutor();

    /// Calls `work`, which must not throw, on the thread and then `done` in the loop.
    void post(std::function<void(StoreHandle&)> work, std::function<void()> done);
    /// Waits for everything asked for, and calls its `done`.
    void finish();

  private:
    struct Request {
        std::function<void(StoreHandle&)> work;
        std::function<void()> done;
    };

    void serve();
    void deliver();
    void await_done();

    StoreHandle ledger_;  ///< Of the thread, once it runs.
    std::size_t owed_ = 0;
    UniqueFd rung_;  ///< An eventfd, readable when something is done.
    FdWatch watch_;
    std::mutex mutex_;
    std::condition_variable changed_;
    // State below is protected by mutex_.
    std::deque<Request> pieces_;
    std::vector<std::function<void()>> done_;
    bool stopping_ = false;
    // Last: it uses all else.
    std::optional<std::thread> thread_;
};

}  // namespace atlasjob::mcp
