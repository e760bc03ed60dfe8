#pragma once

#include "base/error.h"
#include "event/loop.h"
#include "ledger/store.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace atlasjob {

/// Whether the same verb may succeed later: the ledger was temporarily unavailable.
bool is_retryable(const Error& error);

/// The outcome of a Store verb: its value or the Error it threw.
template <class T>
struct Result {
    std::optional<T> value;
    std::optional<Error> error;
};

/// Runs Store verbs one at a time on a thread of its own, so that waiting for the write lock never
/// blocks the loop, and delivers their results in the loop. The Store belongs to that thread for
/// the lifetime of this object. All signals are blocked in that thread.
///
/// Belongs to the loop's thread. The destructor waits for the current verb; queued verbs are not
/// started, and pending results are not delivered.
class StoreExecutor {
  public:
    StoreExecutor(Store& store, Loop& loop);
    StoreExecutor(const StoreExecutor&) = delete;
    StoreExecutor& operator=(const StoreExecutor&) = delete;
    ~StoreExecutor();

    /// Calls `work(Store&)` on the thread, then `done(Result<…>)` in the loop.
    template <class Work, class Done>
    void post(Work work, Done done) {
        enqueue(request(std::move(work), std::move(done)));
    }

    /// The same, but if the thread is idle calls `work` at once on the calling thread. This saves
    /// two thread switches; use it only when the loop may wait for the write lock.
    template <class Work, class Done>
    void run_inline(Work work, Done done) {
        if (!idle()) return post(std::move(work), std::move(done));
        execute_here(request(std::move(work), std::move(done)));
    }

    /// Drops all requests: waits for the current verb; queued verbs are not started, and pending
    /// results are not delivered.
    void abandon();
    /// Whether no verb is running or queued.
    bool idle() const { return pending_ == 0; }

  private:
    struct Request {
        std::function<void(Store&)> work;
        std::function<void()> deliver;
    };

    template <class Work, class Done>
    static Request request(Work work, Done done) {
        using T = std::invoke_result_t<Work&, Store&>;
        auto result = std::make_shared<Result<T>>();
        return {
            [work = std::move(work), result](Store& store) mutable {
                try {
                    result->value.emplace(work(store));
                } catch (const Error& error) {
                    result->error = error;
                } catch (const std::exception& error) {
                    result->error.emplace(ErrorCode::internal, error.what());
                }
            },
            [done = std::move(done), result]() mutable { done(*result); }};
    }

    void enqueue(Request request);
    void execute_here(const Request& request);
    void run_thread();
    void deliver();

    Store& store_;
    std::size_t pending_ = 0;  ///< Requests not yet delivered; used on the loop's thread only.
    Wakeup wakeup_;
    std::mutex mutex_;
    std::condition_variable requested_;
    std::condition_variable became_idle_;
    // The members below are guarded by mutex_.
    std::deque<Request> requests_;
    std::vector<std::function<void()>> results_;
    bool busy_ = false;  ///< A verb is running.
    bool stopping_ = false;
    // Last, so that the thread starts after everything else is initialized.
    std::thread thread_;
};

}  // namespace atlasjob
