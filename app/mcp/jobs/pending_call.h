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

/// A request that is answered when its job has ended or its time is up.
struct PendingWait {
    rpc::Reply reply;
    Wait wait;
    /// As the client sent it: a JSON string or integer. Empty if it wants no progress.
    std::string progress_token_json;
    /// Called once, to send the answer: a result, or an Error (not_found if the job is gone).
    std::function<void(rpc::Reply& reply, const std::variant<ToolResult, Error>& end)> send;
};

/// The requests that wait for jobs, hundreds at a time; none of them has a thread or polls. Used
/// from the loop's thread only.
class PendingCalls {
  public:
    struct Deps {
        Loop& loop;
        ChangeNotifier& notifier;
        rpc::Output& output;
        milliseconds progress_interval;
    };

    /// The arguments, and what `deps` refers to, must outlive it.
    PendingCalls(const ToolContext& context, const Deps& deps);
    ~PendingCalls();
    PendingCalls(const PendingCalls&) = delete;
    PendingCalls& operator=(const PendingCalls&) = delete;

    /// Answers at once if the job has ended. Sends progress if the client asked for it, but not
    /// just before the answer.
    void add(PendingWait pending);
    /// Drops the request with that id without an answer; the job continues.
    void abandon(const nlohmann::json& request_id);
    /// Answers all requests as if their time were up. Called at the end of the input.
    void end_all();

  private:
    class PendingCall;

    void remove(const PendingCall& call);

    const ToolContext& context_;
    Deps deps_;
    std::list<std::unique_ptr<PendingCall>> calls_;
};

}  // namespace atlasjob::mcp
