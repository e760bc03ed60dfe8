#include "mcp/protocol/host_session.h"
#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/serialize.h"
#include "rpc/line_buffer.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

std::string unchecked_result_json(
    const ToolResult& result, const Dialect& dialect, std::string_view meta_json) {
    return result_json(dialect, {}, [&](JsonObject& object) {
        write_tool_result(object, result, dialect);
        if (!meta_json.empty()) object.member("_meta") += meta_json;
    });
}

/// What is needed to answer a call of a tool, now or later.
struct ToolCall {
    Connection& connection;
    const Tool& tool;
    Dialect dialect;
    std::string progress_token_json;
    AsTask as_task;                      ///< Empty if no task may be answered.
    std::optional<std::string> session;  ///< As the call's _meta names it.

    /// The task that the answer becomes, if any.
    std::optional<std::string> task(const ToolAnswer& answer) const {
        return as_task ? as_task(answer) : std::nullopt;
    }
    std::string render(const ToolResult& result) const {
        auto created = task(result);
        return created ? std::move(*created) : tool_result_json(result, dialect);
    }
};

/// Answers at once, or when the job that the tool waits for has ended.
void deliver(const ToolCall& call, rpc::Reply& reply, ToolAnswer answer) {
    if (const auto* result = std::get_if<ToolResult>(&answer))
        return reply.result(call.render(*result));
    if (const auto created = call.task(answer)) return reply.result(*created);
    auto& wait = std::get<Wait>(answer);
    const auto send = [&registry = call.connection.registry, &tool = call.tool,
                       dialect = call.dialect, id = wait.job_id](
                          rpc::Reply& deferred, const std::variant<ToolResult, Error>& end) {
        deferred.result(tool_result_json(registry.result_of(tool, id, end), dialect));
    };
    call.connection.pending_calls.add(
        {std::move(reply), std::move(wait), call.progress_token_json, send});
}

void call_writing(const ToolCall& call, const json& arguments, rpc::Reply& reply) {
    call.connection.writes.post(
        reply,
        [&registry = call.connection.registry, &tool = call.tool, arguments,
         session = call.session](StoreHandle& ledger) {
            ToolContext context = registry.writing_context(ledger);
            if (session) context.session = session;
            return registry.call(context, tool, arguments);
        },
        [call](rpc::Reply& deferred, ToolAnswer& answer) {
            deliver(call, deferred, std::move(answer));
        });
}

}  // namespace

std::string too_long(std::size_t bytes) {
    return fmt::format(
        "the answer is {} bytes long, more than clients accept ({}); run "
        "`atlasjob status --json JOB` in a shell to see it",
        bytes, rpc::kMaxMessage);
}

std::string tool_result_json(
    const ToolResult& result, const Dialect& dialect, std::string_view meta_json) {
    std::string out = unchecked_result_json(result, dialect, meta_json);
    if (out.size() <= rpc::kMaxMessage) return out;
    return unchecked_result_json(
        {.text = too_long(out.size()), .is_error = true}, dialect, meta_json);
}

std::string progress_token(const json& params) {
    const auto meta = params.find("_meta");
    if (meta == params.end() || !meta->is_object()) return {};
    const auto token = meta->find("progressToken");
    if (token == meta->end()) return {};
    return token->is_string() || token->is_number_integer() ? token->dump() : std::string{};
}

const Tool& required_tool(const Call& call) {
    return call.registry().require_tool(required_text(call.params(), "name"));
}

void list_tools(const Call& call) {
    refuse_cursor(call.params());
    call.reply.result(result_json(call.dialect, kFixed, [&](JsonObject& result) {
        write_tools(result, call.registry().tools(), call.dialect);
    }));
}

void call_tool(const Call& call, const Tool& tool, const AsTask& as_task) {
    ToolRegistry& registry = call.registry();
    const ToolCall pending{call.connection, tool,
                           call.dialect,    progress_token(call.params()),
                           as_task,         host_session(call.params())};
    if (const auto refusal = registry.refuse_call())
        return call.reply.result(pending.render(*refusal));
    const json arguments =
        registry.given_arguments(tool, optional_object(call.params(), "arguments"));
    if (const auto refusal = registry.refuse_arguments(tool, arguments))
        return call.reply.result(pending.render(*refusal));
    if (tool.writes()) return call_writing(pending, arguments, call.reply);
    deliver(pending, call.reply, registry.call(registry.context(), tool, arguments));
}

}  // namespace atlasjob::mcp
