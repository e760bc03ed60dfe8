#pragma once

#include "mcp/jobs/change_notifier.h"
#include "mcp/tools/tool.h"
#include "rpc/reply.h"

#include <list>
#include <memory>

namespace atlasjob::rpc {
class Output;
}

namespace atlasjob::mcp {

/// A request that is answered once its job has ended or its time is up.
struct PendingWait {
    rpc::Reply reply;
    Wait wait;
    /// As the client sent it: a JSON string or integer. Empty: it wants no progress.
    std::string progress_token_json;
    /// Answers, once: with a result, or with why there is none (not_found: the job is gone).
    std::function<void(rpc::Reply& reply, const std::variant<ToolResult, Error>& end)> send;
};

/// The requests that wait for jobs, hundreds at once: none of them has a thread or polls. Belongs
/// to the loop's thread.
class PendingCalls {
  public:
    /// What it works in.
    struct Surroundings {
        Loop& loop;
        ChangeNotifier& watch;
        rpc::Output& output;
        milliseconds progress_interval;
    };

    /// Everything given must outlive it.
    PendingCalls(const ToolContext& context, const Surroundings& surroundings);
    ~PendingCalls();
    PendingCalls(const PendingCalls&) = delete;
    PendingCalls& operator=(const PendingCalls&) = delete;

    /// Answers at once when there is nothing to wait for. Sends progress when it was asked for, and
    /// never when the answer is about to come.
    void add(PendingWait pending);
    /// Ends the wait of the request with that id, without an answer; the job goes on.
    void abandon(const nlohmann::json& request_id);
    /// Answers everything as if its time were up: nobody will ask again.
    void end_all();

  private:
    class PendingCall;

    void remove(const PendingCall& one);

    const ToolContext& context_;
    Surroundings in_;
    std::list<std::unique_ptr<PendingCall>> all_;
};

}  // namespace atlasjob::mcp
