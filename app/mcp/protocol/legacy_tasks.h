#pragma once

#include "mcp/server/request_handlers.h"

namespace atlasjob::mcp {

/// Tasks as 2025-11-25 has them, its experiment: the client asks for one with the call, and fetches
/// the result with a request that waits. One thread.
class LegacyTasks {
  public:
    /// `service` must outlive it.
    explicit LegacyTasks(RequestHandlers& service) : service_(service) {}

    void add_methods(rpc::MethodTable& methods);
    std::string_view capability() const;

    /// Answers a call that wants a task, once the job is durable. Throws Error when none began.
    void call_tool(const rpc::Request& request, rpc::Reply& reply);

  private:
    std::string get(const nlohmann::json& params);
    void cancel(const nlohmann::json& params, rpc::Reply& reply);
    std::optional<Job> job_after(const JobId& id, bool cancelled);
    void await_result(const rpc::Request& request, rpc::Reply& reply);
    Job require_task(const nlohmann::json& params);

    RequestHandlers& service_;
};

}  // namespace atlasjob::mcp
