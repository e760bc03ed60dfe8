#pragma once

#include "mcp/protocol/dialect.h"
#include "mcp/protocol/task.h"
#include "mcp/server/connection.h"
#include "rpc/dispatcher.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// The protocol versions that begin with `initialize`, or 2026-07-28, where every request states
/// its version and its client's capabilities.
enum class Era { legacy, modern };

/// A request is modern if it names a version in its _meta, or its method exists in that version
/// only.
Era era_of(const rpc::Request& request);

/// How answers are written: in the legacy version that was negotiated last, and in the modern one.
/// They refer to `connection`.
Dialect legacy_dialect(const Connection& connection);
Dialect modern_dialect(const Connection& connection);

/// A request, and what is needed to answer it. Valid during the call of its method only.
struct Call {
    Connection& connection;
    const rpc::Request& request;
    rpc::Reply& reply;
    const Dialect& dialect;

    const nlohmann::json& params() const { return request.params; }
    ToolRegistry& registry() const { return connection.registry; }
    Time now() const { return registry().context().clock.now(); }
};

/// Answers through the call's reply, at once or later from the loop. An Error it throws becomes the
/// answer.
using Method = void (*)(const Call& call);

/// The method of that name; nullptr if the era or what is served does not have it.
Method find_method(std::string_view name, Era era, const ToolRegistry& registry);

// The methods, by file.

// tool_methods.cpp
void list_tools(const Call& call);

// resource_methods.cpp
void list_resources(const Call& call);
void list_templates(const Call& call);
void read_resource(const Call& call);
void list_prompts(const Call& call);
void get_prompt(const Call& call);
void complete(const Call& call);

// legacy.cpp
void initialize(const Call& call);
void ping(const Call& call);
void call_tool_legacy(const Call& call);
void subscribe(const Call& call);
void unsubscribe(const Call& call);

// legacy_tasks.cpp: the experimental tasks of 2025-11-25. The client requests a task with the call
// and fetches its result with tasks/result, which waits.
void get_task_legacy(const Call& call);
void cancel_task_legacy(const Call& call);
void await_task_result(const Call& call);

// event_methods.cpp: MCP Events, the same in all versions.
void list_event_types(const Call& call);
void poll_events(const Call& call);
void stream_events(const Call& call);

// skill_methods.cpp: MCP Skills, the same in all versions.
void list_skills(const Call& call);
void get_skill(const Call& call);
/// The members "events" and "extensions" of the capabilities, which announce what MCP Events and
/// Skills serve; `more` writes further extensions.
void write_extensions(
    view::JsonObject& capabilities,
    const ToolRegistry& registry,
    const std::function<void(view::JsonObject& extensions)>& more = {});

// modern.cpp
void discover(const Call& call);
void listen(const Call& call);

// modern_tasks.cpp: the extension io.modelcontextprotocol/tasks. The server answers a call with a
// task if the client declares the extension and the tool started a job or waits for one.
void call_tool_modern(const Call& call);
void get_task(const Call& call);
void update_task(const Call& call);
void cancel_task(const Call& call);

// What methods share.

/// For lists that never change while the server runs.
inline constexpr Caching kFixed{std::chrono::hours{1}, true};
/// For jobs, which change at any time and are visible to their owner only.
inline constexpr Caching kLive{milliseconds{0}, false};

/// What to answer instead of a tool's answer that can be a task; nullopt for the answer itself.
/// Throws Error for an answer that a client which insists on a task cannot get as one.
using AsTask = std::function<std::optional<std::string>(const ToolAnswer& answer)>;
/// Calls a tool with the request's arguments. Answers at once, or later: when the job that the tool
/// waits for has ended, or when the tool's changes are committed.
void call_tool(const Call& call, const Tool& tool, const AsTask& as_task = {});

/// A call of tools/call that requests a task (legacy_tasks.cpp): answers once the job is durable,
/// or the wait has begun. Throws Error if there is neither.
void call_tool_as_task(const Call& call, const Tool& tool);
/// The member "tasks" of the capabilities.
std::string_view legacy_task_capability();

/// The tool that the params name. Throws Error(invalid_argument), naming the available tools.
const Tool& required_tool(const Call& call);

/// A tool's result as the result of a request. If it is longer than clients accept, returns an
/// error result that says so.
std::string tool_result_json(
    const ToolResult& result, const Dialect& dialect, std::string_view meta_json = {});
/// Says that an answer of that size is longer than clients accept, and where to see it.
std::string too_long(std::size_t bytes);

/// Answers that this principal has no such resource.
void refuse_resource(const Call& call, const std::string& uri);

/// The task whose id is in the params. Throws Error(not_found) if there is none that the principal
/// may see.
Task require_task(const Call& call);

/// Whether this server cancels such a task: a wait, or a job if it cancels any.
bool may_cancel(const Call& call, const Task& task);

/// Ends the task on the executor's thread, then calls `done` in the loop: cancels the job or, if
/// the task is a wait, notes that the wait was cancelled. `cancelled` is false if the job had
/// already ended. An Error thrown by the cancel or by `done` becomes the answer. Answers that there
/// is no such method if the task is a job and this server does not cancel any.
void cancel_task_of(
    const Call& call,
    const Task& task,
    std::function<void(rpc::Reply& reply, bool cancelled)> done);

/// Writes a task's state and, once it is over, its result, or its error if its worker was lost
/// (modern_tasks.cpp).
void write_detailed_task(
    view::JsonObject& object,
    const Task& task,
    const ToolRegistry& registry,
    const Dialect& dialect);

/// The progress token of a request, as a JSON value; empty if it has none.
std::string progress_token(const nlohmann::json& params);

}  // namespace atlasjob::mcp
