#pragma once

#include "base/error.h"
#include "event/loop.h"
#include "ledger/store.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace atlasjob {

/// Whether the same verb may succeed later: the ledger was temporarily unavailable.
[[nodiscard]] bool is_retryable(const Error& error);

/// The outcome of a Store verb: its value or the Error it threw.
template <class T>
struct Result {
    std::optional<T> value;
    std::optional<Error> error;
};

/// The thread of an Executor, and its queues of requests and results.
class ExecutorThread {
  public:
    struct Request {
        std::function<void()> work;     ///< Run on the thread. Must not throw.
        std::function<void()> deliver;  ///< Called in the loop afterwards.
    };

    explicit ExecutorThread(Loop& loop);
    ExecutorThread(const ExecutorThread&) = delete;
    ExecutorThread& operator=(const ExecutorThread&) = delete;
    ~ExecutorThread();

    void enqueue(Request request);
    void execute_here(const Request& request);
    void abandon();
    void finish();
    bool idle() const { return pending_ == 0; }

  private:
    void run_thread();
    void add_pending();
    void await_result();
    void deliver();

    std::size_t pending_ = 0;  ///< Requests not yet delivered; used on the loop's thread only.
    Wakeup wakeup_;
    std::mutex mutex_;
    std::condition_variable requested_;
    std::condition_variable finished_;
    // The members below are guarded by mutex_.
    std::deque<Request> requests_;
    std::vector<std::function<void()>> results_;
    bool busy_ = false;  ///< A request is running.
    bool stopping_ = false;
    // Last, so that the thread starts after everything else is initialized.
    std::thread thread_;
};

/// Runs work on a Store one piece at a time on a thread of its own, so that waiting for the write
/// lock never blocks the loop, and delivers the results in the loop. All signals are blocked in
/// that thread.
///
/// `Target` is what the work is given: a Store, or what opens one when it is needed. It must
/// outlive this object and belongs to the thread for its lifetime. While no work is pending, this
/// object does not keep the loop running.
///
/// Belongs to the loop's thread. The destructor waits for the current piece of work; queued work is
/// not started, and pending results are not delivered.
template <class Target>
class Executor {
  public:
    /// Starts the thread. Throws std::system_error if that fails.
    Executor(Target& target, Loop& loop) : target_(target), thread_(loop) {}

    /// Calls `work(Target&)` on the thread, then `done(Result<…>&)` in the loop.
    template <class Work, class Done>
    void post(Work work, Done done) {
        thread_.enqueue(request(std::move(work), std::move(done)));
    }

    /// The same, but if the thread is idle calls `work` at once on the calling thread. This saves
    /// two thread switches; use it only when the loop may wait for the write lock.
    template <class Work, class Done>
    void run_inline(Work work, Done done) {
        if (!idle()) return post(std::move(work), std::move(done));
        thread_.execute_here(request(std::move(work), std::move(done)));
    }

    /// Drops all requests: waits for the current work; queued work is not started, and pending
    /// results are not delivered.
    void abandon() { thread_.abandon(); }
    /// Waits until all work has run, and delivers its results from here.
    void finish() { thread_.finish(); }
    /// Whether no work is running or queued, and all results have been delivered.
    bool idle() const { return thread_.idle(); }

  private:
    template <class Work, class Done>
    ExecutorThread::Request request(Work work, Done done) {
        using T = std::invoke_result_t<Work&, Target&>;
        auto result = std::make_shared<Result<T>>();
        return {
            [&target = target_, work = std::move(work), result]() mutable {
                try {
                    result->value.emplace(work(target));
                } catch (const Error& error) {
                    result->error = error;
                } catch (const std::exception& error) {
                    result->error.emplace(ErrorCode::internal, error.what());
                }
            },
            [done = std::move(done), result]() mutable { done(*result); }};
    }

    Target& target_;
    ExecutorThread thread_;
};

/// The usual executor: the Store is already open.
using StoreExecutor = Executor<Store>;

}  // namespace atlasjob
