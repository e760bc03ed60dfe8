#pragma once

#include "mcp/server/tool_registry.h"
#include "rpc/reply.h"
#include "runner/async/store_executor.h"

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace atlasjob::mcp {

/// What a client's request or the server's upkeep changes in the ledger, one thing at a time on a
/// thread of its own with its own store: a process that holds the write lock for long must not
/// delay other clients' reads and pings. The thread starts at the first write. Used from the loop's
/// thread only.
class WriteQueue {
  public:
    /// The arguments must outlive it.
    WriteQueue(const ToolRegistry& registry, Loop& loop)
        : registry_(registry), loop_(loop), ledger_(registry.context().ledger.another()) {}

    /// Calls `work(StoreHandle&)` on the thread, then `done(reply, result of work)` in the loop. An
    /// Error thrown by either becomes the answer.
    template <class Work, class Done>
    void post(rpc::Reply& reply, Work work, Done done) {
        Executor<StoreHandle>& thread = executor();
        const auto kept = std::make_shared<rpc::Reply>(std::move(reply));
        thread.post(std::move(work), [kept, done = std::move(done)](auto& result) {
            try {
                if (result.error) throw Error{*result.error};
                done(*kept, *result.value);
            } catch (const Error& error) {
                kept->error(error);
            }
        });
    }

    /// Reaps the running attempts of these jobs whose executor is gone, one at a time, so that
    /// clients' writes get their turn. What fails is left for the next call. Never throws.
    void reap_lost(const std::set<JobId>& jobs);

    /// Waits until all writes that clients requested have run, and answers them.
    void finish();

  private:
    Executor<StoreHandle>& executor();
    void reap_next();

    const ToolRegistry& registry_;
    Loop& loop_;
    StoreHandle ledger_;            ///< Used by the executor's thread alone.
    std::deque<JobId> reap_queue_;  ///< The first one is in progress.
    /// Last: what it runs uses all other members.
    std::optional<Executor<StoreHandle>> executor_;
};

}  // namespace atlasjob::mcp
