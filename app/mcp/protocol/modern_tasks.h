#pragma once

#include "mcp/server/request_handlers.h"

namespace atlasjob::mcp {

/// The tasks of the extension io.modelcontextprotocol/tasks: the server answers a call with a task
/// if the client declares the extension and the tool started a job. Not thread-safe.
class ModernTasks {
  public:
    /// `handlers` must outlive it.
    explicit ModernTasks(RequestHandlers& handlers) : handlers_(handlers) {}

    void add_methods(rpc::MethodTable& methods, const std::function<Dialect()>& dialect);
    void call_tool(const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect);

  private:
    void get(const nlohmann::json& params, rpc::Reply& reply, const Dialect& dialect);
    void update(const nlohmann::json& params, rpc::Reply& reply, const Dialect& dialect);
    void cancel(const nlohmann::json& params, rpc::Reply& reply, const Dialect& dialect);
    Job require_task(const nlohmann::json& params);

    RequestHandlers& handlers_;
};

/// Writes a task's state and, once it has ended, its result, or its error if its worker was lost.
void write_detailed_task(
    view::JsonObject& object, const Job& job, const ToolRegistry& registry, const Dialect& dialect);

}  // namespace atlasjob::mcp
