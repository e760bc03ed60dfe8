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

/// Whether the same verb may go well in a while: the ledger could not be used just then.
bool worth_retrying(const Error& error);

/// What a Store verb brought back: its value, or the Error it threw.
template <class T>
struct Result {
    std::optional<T> value;
    std::optional<Error> error;
};

/// Runs Store verbs one after the other on a thread of its own, so that a stuck write gate never
/// stalls the loop, and brings their answers back into the loop. The Store belongs to that thread
/// while this object lives. All signals are blocked there.
///
/// Belongs to the loop's thread. Destroying it waits for the verb at hand; what is queued behind
/// it is not begun, and answers not yet delivered never are.
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

    /// The same, but calls `work` at once and here when the thread has nothing to do: for a moment
    /// in which a stuck gate may well stall the loop. It saves handing over to the thread and back.
    template <class Work, class Done>
    void run_inline(Work work, Done done) {
        if (!idle()) return post(std::move(work), std::move(done));
        serve_here(request(std::move(work), std::move(done)));
    }

    /// Forgets what has been asked: waits for the verb at hand; what is queued behind it is not
    /// begun, and answers not yet delivered never are.
    void abandon();
    /// Whether no verb is running or queued.
    bool idle() const { return waiting_ == 0; }

  private:
    struct Request {
        std::function<void(Store&)> work;
        std::function<void()> deliver;
    };

    template <class Work, class Done>
    static Request request(Work work, Done done) {
        using T = std::invoke_result_t<Work&, Store&>;
        auto answer = std::make_shared<Result<T>>();
        return {
            [work = std::move(work), answer](Store& store) mutable {
                try {
                    answer->value.emplace(work(store));
                } catch (const Error& error) {
                    answer->error = error;
                } catch (const std::exception& error) {
                    answer->error.emplace(ErrorCode::internal, error.what());
                }
            },
            [done = std::move(done), answer]() mutable { done(*answer); }};
    }

    void enqueue(Request request);
    void serve_here(const Request& request);
    void serve();
    void deliver();

    Store& store_;
    std::size_t waiting_ = 0;  ///< Asked and not yet delivered; of the loop's thread.
    Wakeup wakeup_;
    std::mutex mutex_;
    std::condition_variable asked_;
    std::condition_variable rested_;
    // State below is protected by mutex_.
    std::deque<Request> requests_;
    std::vector<std::function<void()>> answers_;
    bool busy_ = false;  ///< A verb is running.
    bool stopping_ = false;
    // Last: starts when all else is there.
    std::thread thread_;
};

}  // namespace atlasjob
