#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"
#include "rpc/output.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

/// In these protocol versions; 2026-07-28 uses "invalid params".
constexpr int kResourceNotFound = -32002;
/// Bounds the memory of a client that keeps subscribing.
constexpr std::size_t kMaxSubscriptions = 1000;

/// Only the features served, and only those that the protocol version has: a client may reject
/// unknown ones.
std::string capabilities(const Connection& connection) {
    const ToolRegistry& registry = connection.registry;
    std::string out;
    {
        JsonObject capabilities{out};
        capabilities.member("tools") += "{}";
        if (!registry.contract().resources.empty())
            capabilities.member("resources") += R"({"subscribe":true})";
        if (!registry.contract().prompts.empty()) capabilities.member("prompts") += "{}";
        if (!registry.contract().resources.empty()
            && connection.legacy_version >= ProtocolVersion::v2025_03_26)
            capabilities.member("completions") += "{}";
        if (registry.has_tasks() && legacy_dialect(connection).task_support)
            capabilities.member("tasks") += legacy_task_capability();
        if (connection.legacy_version >= ProtocolVersion::v2025_11_25)
            write_extensions(capabilities, registry);
    }
    return out;
}

}  // namespace

Dialect legacy_dialect(const Connection& connection) {
    const ProtocolVersion version = connection.legacy_version;
    return {
        .annotations = version >= ProtocolVersion::v2025_03_26,
        .titles = version >= ProtocolVersion::v2025_06_18,
        .structured = version >= ProtocolVersion::v2025_06_18,
        .icons = version >= ProtocolVersion::v2025_11_25,
        .task_support = version >= ProtocolVersion::v2025_11_25,
        .envelope = false,
        .resource_not_found = kResourceNotFound,
        .version = connection.server_version,
    };
}

void initialize(const Call& call) {
    Connection& connection = call.connection;
    const std::string& requested = required_text(call.params(), "protocolVersion");
    connection.legacy_version = parse_protocol_version(requested).value_or(kNewestLegacy);
    const Dialect dialect = legacy_dialect(connection);
    call.reply.result(result_json(dialect, {}, [&](JsonObject& result) {
        result.text("protocolVersion", to_string(connection.legacy_version));
        result.member("capabilities") += capabilities(connection);
        write_server(result.member("serverInfo"), dialect);
        result.text("instructions", connection.registry.contract().instructions);
    }));
}

void ping(const Call& call) {
    call.reply.result("{}");
}

void call_tool_legacy(const Call& call) {
    const Tool& tool = required_tool(call);
    const bool wants_task = call.dialect.task_support && call.params().contains("task");
    if (wants_task && call.registry().has_tasks()) return call_tool_as_task(call, tool);
    if (tool.task_support == TaskSupport::required) {
        const std::string why =
            fmt::format("tool {} can only be called as a task: pass \"task\"", tool.name);
        return call.reply.error({rpc::kMethodNotFound, why});
    }
    call_tool(call, tool);
}

void subscribe(const Call& call) {
    const std::string& uri = required_text(call.params(), "uri");
    ToolRegistry& registry = call.registry();
    if (!registry.resource_version(uri)) return refuse_resource(call, uri);
    auto& subscriptions = call.connection.subscriptions;
    if (subscriptions.size() >= kMaxSubscriptions)
        throw Error(
            ErrorCode::refused, fmt::format("too many subscriptions (max {})", kMaxSubscriptions),
            "unsubscribe from some resources");
    const auto changed = [&output = call.connection.output, uri] {
        std::string params;
        JsonObject{params}.text("uri", uri);
        output.send(rpc::notification_line("notifications/resources/updated", params));
    };
    subscriptions[uri] = std::make_unique<Subscription>(
        call.connection.notifier, registry.job_of_resource(uri),
        [&registry, uri] { return registry.resource_version(uri); }, changed);
    call.reply.result("{}");
}

void unsubscribe(const Call& call) {
    call.connection.subscriptions.erase(required_text(call.params(), "uri"));
    call.reply.result("{}");
}

}  // namespace atlasjob::mcp
