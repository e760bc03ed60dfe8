#pragma once

#include "mcp/server/request_handlers.h"

namespace atlasjob::mcp {

/// Tasks as the extension io.modelcontextprotocol/tasks has them: the server makes one of a call
/// when its client knows the extension and the tool begins a job. One thread.
class ModernTasks {
  public:
    /// `service` must outlive it.
    explicit ModernTasks(RequestHandlers& service) : service_(service) {}

    void add_methods(rpc::MethodTable& methods, const std::function<Dialect()>& dialect);
    void call_tool(const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect);

  private:
    void get(const nlohmann::json& params, rpc::Reply& reply, const Dialect& dialect);
    void update(const nlohmann::json& params, rpc::Reply& reply, const Dialect& dialect);
    void cancel(const nlohmann::json& params, rpc::Reply& reply, const Dialect& dialect);
    Job require_task(const nlohmann::json& params);

    RequestHandlers& service_;
};

/// Writes the whole of a task: its state and, once it has ended, its result, or the error when its
/// worker was lost.
void write_detailed_task(
    view::JsonObject& object, const Job& job, const ToolRegistry& core, const Dialect& dialect);

}  // namespace atlasjob::mcp
