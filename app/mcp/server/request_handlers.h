#pragma once

#include "mcp/jobs/call_executor.h"
#include "mcp/jobs/pending_call.h"
#include "mcp/protocol/dialect.h"
#include "mcp/server/tool_registry.h"
#include "rpc/dispatcher.h"

namespace atlasjob::mcp {

/// The requests that every revision has, read and answered once for all: the eras route them here
/// and say in which dialect to answer. Results are whole; what they throw, Error, becomes the
/// answer. One thread.
class RequestHandlers {
  public:
    /// Everything given must outlive it.
    RequestHandlers(ToolRegistry& core, PendingCalls& waits, Loop& loop)
        : core_(core), waits_(waits), writer_(loop, core.context().ledger.another()) {}

    ToolRegistry& core() { return core_; }
    PendingCalls& waits() { return waits_; }

    std::string list_tools(const nlohmann::json& params, const Dialect& dialect) const;
    std::string list_resources(const nlohmann::json& params, const Dialect& dialect);
    std::string list_templates(const nlohmann::json& params, const Dialect& dialect) const;
    std::string list_prompts(const nlohmann::json& params, const Dialect& dialect) const;
    std::string get_prompt(const nlohmann::json& params, const Dialect& dialect);
    std::string complete(const nlohmann::json& params, const Dialect& dialect);
    void read_resource(const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect);

    /// What to answer instead of a result that began a job; nothing: the result itself.
    using AsTask = std::function<std::optional<std::string>(const ToolResult& result)>;
    /// Answers now, or later: once the job that the tool waits for has ended, or the ledger has
    /// what it writes.
    void call_tool(
        const rpc::Request& request,
        rpc::Reply& reply,
        const Dialect& dialect,
        const AsTask& as_task);

    /// Asks for a job's end on the writer's thread; then calls `done` in the loop, with whether
    /// there was anything to end. What it throws is the answer, as what the cancel throws.
    using Cancelled = std::function<void(rpc::Reply& reply, bool cancelled)>;
    void cancel(const JobId& id, rpc::Reply& reply, Cancelled done);

    /// Takes back the running attempts of these jobs whose executor is gone: on the writer's
    /// thread, one after the other, so that what clients write comes in between. What cannot be
    /// done now is left for the next time. Never throws.
    void reap_lost(const std::set<JobId>& jobs);

    /// Waits until all that clients had written is, and answers it.
    void finish();

    /// The job that a task's id stands for, in full detail, if the principal may see it.
    std::optional<Job> find_task(const nlohmann::json& params);

  private:
    void settle_first();
    template <class Work, class Done>
    void write(rpc::Reply& reply, Work work, Done done);
    /// A tool's call as its answer needs it, which may come later.
    struct Call {
        const Tool& tool;
        Dialect dialect;
        std::string progress_token_json;
    };
    using Render = std::function<std::string(const ToolResult& result)>;

    void call_writing(
        const Call& call, const nlohmann::json& arguments, rpc::Reply& reply, const Render& render);
    void deliver(const Call& call, rpc::Reply& reply, ToolAnswer answer, const Render& render);

    ToolRegistry& core_;
    PendingCalls& waits_;
    std::deque<JobId> settling_;  ///< The first is at hand.
    CallExecutor writer_;         ///< Last: what it runs uses all else.
};

/// A tool's result as the result of a request. What is longer than clients read is told so instead.
std::string tool_result_json(
    const ToolResult& result, const Dialect& dialect, std::string_view meta_json = {});

/// Answers that there is no such resource, for this principal.
void refuse_resource(rpc::Reply& reply, const std::string& uri, const Dialect& dialect);

/// The progress token of a request, as a JSON value; empty when it has none.
std::string progress_token(const nlohmann::json& params);

}  // namespace atlasjob::mcp
