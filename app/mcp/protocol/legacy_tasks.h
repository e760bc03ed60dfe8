#pragma once

#include "mcp/server/request_handlers.h"

namespace atlasjob::mcp {

/// The experimental tasks of 2025-11-25: the client requests a task with the call and fetches its
/// result with tasks/result, which waits. Not thread-safe.
class LegacyTasks {
  public:
    /// `handlers` must outlive it.
    explicit LegacyTasks(RequestHandlers& handlers) : handlers_(handlers) {}

    void add_methods(rpc::MethodTable& methods);
    std::string_view capability() const;

    /// Answers a call that requests a task, once the job is durable. Throws Error if none was
    /// started.
    void call_tool(const rpc::Request& request, rpc::Reply& reply);

  private:
    std::string get(const nlohmann::json& params);
    void cancel(const nlohmann::json& params, rpc::Reply& reply);
    std::optional<Job> job_after(const JobId& id, bool cancelled);
    void await_result(const rpc::Request& request, rpc::Reply& reply);
    Job require_task(const nlohmann::json& params);

    RequestHandlers& handlers_;
};

}  // namespace atlasjob::mcp
