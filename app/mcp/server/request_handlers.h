#pragma once

#include "mcp/jobs/call_executor.h"
#include "mcp/jobs/pending_call.h"
#include "mcp/protocol/dialect.h"
#include "mcp/server/tool_registry.h"
#include "rpc/dispatcher.h"

namespace atlasjob::mcp {

/// Handles the requests that all protocol versions share: LegacyProtocol and ModernProtocol route
/// them here with the dialect to answer in. Functions that return a string return a complete
/// result; an Error they throw becomes the answer. Not thread-safe.
class RequestHandlers {
  public:
    /// The arguments must outlive it.
    RequestHandlers(ToolRegistry& registry, PendingCalls& pending_calls, Loop& loop)
        : registry_(registry),
          pending_calls_(pending_calls),
          executor_(loop, registry.context().ledger.another()) {}

    ToolRegistry& registry() { return registry_; }
    PendingCalls& pending_calls() { return pending_calls_; }

    std::string list_tools(const nlohmann::json& params, const Dialect& dialect) const;
    std::string list_resources(const nlohmann::json& params, const Dialect& dialect);
    std::string list_templates(const nlohmann::json& params, const Dialect& dialect) const;
    std::string list_prompts(const nlohmann::json& params, const Dialect& dialect) const;
    std::string get_prompt(const nlohmann::json& params, const Dialect& dialect);
    std::string complete(const nlohmann::json& params, const Dialect& dialect);
    void read_resource(const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect);

    /// What to answer instead of a result that started a job; nullopt for the result itself.
    using AsTask = std::function<std::optional<std::string>(const ToolResult& result)>;
    /// Answers at once, or later: when the job that the tool waits for has ended, or when the
    /// tool's changes are committed.
    void call_tool(
        const rpc::Request& request,
        rpc::Reply& reply,
        const Dialect& dialect,
        const AsTask& as_task);

    /// Requests a cancel on the executor's thread, then calls `done` in the loop; `cancelled` is
    /// false if the job had already ended. An Error thrown by the cancel or by `done` becomes the
    /// answer.
    using Cancelled = std::function<void(rpc::Reply& reply, bool cancelled)>;
    void cancel(const JobId& id, rpc::Reply& reply, Cancelled done);

    /// Reaps the running attempts of these jobs whose executor is gone: on the executor's thread,
    /// one at a time, so that clients' writes get their turn. What fails is left for the next call.
    /// Never throws.
    void reap_lost(const std::set<JobId>& jobs);

    /// Waits until all writes that clients requested have run, and answers them.
    void finish();

    /// The job whose id is the task id in `params`, in full detail; nullopt if the principal may
    /// not see it.
    std::optional<Job> find_task(const nlohmann::json& params);

  private:
    void reap_next();
    template <class Work, class Done>
    void write(rpc::Reply& reply, Work work, Done done);
    /// What is needed to answer a call later.
    struct Call {
        const Tool& tool;
        Dialect dialect;
        std::string progress_token_json;
    };
    using Render = std::function<std::string(const ToolResult& result)>;

    void call_writing(
        const Call& call, const nlohmann::json& arguments, rpc::Reply& reply, const Render& render);
    void deliver(const Call& call, rpc::Reply& reply, ToolAnswer answer, const Render& render);

    ToolRegistry& registry_;
    PendingCalls& pending_calls_;
    std::deque<JobId> reap_queue_;  ///< The first one is in progress.
    CallExecutor executor_;         ///< Last: what it runs uses all other members.
};

/// A tool's result as the result of a request. If it is longer than clients accept, returns an
/// error result that says so.
std::string tool_result_json(
    const ToolResult& result, const Dialect& dialect, std::string_view meta_json = {});

/// Answers that this principal has no such resource.
void refuse_resource(rpc::Reply& reply, const std::string& uri, const Dialect& dialect);

/// The progress token of a request, as a JSON value; empty if it has none.
std::string progress_token(const nlohmann::json& params);

}  // namespace atlasjob::mcp
