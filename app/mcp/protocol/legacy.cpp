#include "mcp/protocol/legacy.h"

#include "mcp/protocol/request_params.h"
#include "rpc/output.h"
#include "rpc/reply.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

/// In these protocol versions; 2026-07-28 uses "invalid params".
constexpr int kResourceNotFound = -32002;
/// Bounds the memory of a client that keeps subscribing.
constexpr std::size_t kMaxSubscriptions = 1000;

}  // namespace

LegacyProtocol::LegacyProtocol(
    RequestHandlers& handlers, ChangeNotifier& notifier, rpc::Output& output, std::string version)
    : handlers_(handlers),
      notifier_(notifier),
      output_(output),
      server_version_(std::move(version)),
      tasks_(handlers) {
    methods_.add("initialize", [this](const auto& request, auto& reply) {
        reply.result(initialize(request.params));
    });
    methods_.add("ping", [](const auto&, auto& reply) { reply.result("{}"); });
    add("tools/list", &RequestHandlers::list_tools);
    methods_.add(
        "tools/call", [this](const auto& request, auto& reply) { call_tool(request, reply); });
    const Contract& contract = handlers_.registry().contract();
    if (!contract.resources.empty()) add_resource_methods();
    if (!contract.prompts.empty()) add_prompt_methods();
    if (handlers_.registry().has_tasks()) tasks_.add_methods(methods_);
}

template <class Method>
void LegacyProtocol::add(const std::string& name, Method method) {
    methods_.add(name, [this, method](const rpc::Request& request, rpc::Reply& reply) {
        reply.result((handlers_.*method)(request.params, dialect()));
    });
}

void LegacyProtocol::add_resource_methods() {
    add("resources/list", &RequestHandlers::list_resources);
    add("resources/templates/list", &RequestHandlers::list_templates);
    methods_.add("resources/read", [this](const auto& request, auto& reply) {
        handlers_.read_resource(request, reply, dialect());
    });
    methods_.add("resources/subscribe", [this](const auto& request, auto& reply) {
        subscribe(request, reply);
    });
    methods_.add("resources/unsubscribe", [this](const auto& request, auto& reply) {
        unsubscribe(request, reply);
    });
    add("completion/complete", &RequestHandlers::complete);
}

void LegacyProtocol::add_prompt_methods() {
    add("prompts/list", &RequestHandlers::list_prompts);
    add("prompts/get", &RequestHandlers::get_prompt);
}

Dialect LegacyProtocol::dialect() const {
    return {
        .annotations = protocol_version_ >= ProtocolVersion::v2025_03_26,
        .titles = protocol_version_ >= ProtocolVersion::v2025_06_18,
        .structured = protocol_version_ >= ProtocolVersion::v2025_06_18,
        .icons = protocol_version_ >= ProtocolVersion::v2025_11_25,
        .task_support = protocol_version_ >= ProtocolVersion::v2025_11_25,
        .envelope = false,
        .resource_not_found = kResourceNotFound,
        .version = server_version_,
    };
}

std::string LegacyProtocol::initialize(const json& params) {
    const std::string& requested = required_text(params, "protocolVersion");
    protocol_version_ = parse_protocol_version(requested).value_or(kNewestLegacy);
    return result_json(dialect(), {}, [&](JsonObject& result) {
        result.text("protocolVersion", to_string(protocol_version_));
        result.member("capabilities") += capabilities();
        write_server(result.member("serverInfo"), dialect());
        result.text("instructions", handlers_.registry().contract().instructions);
    });
}

/// Only the features served, and only those that the protocol version has: a client may reject
/// unknown ones.
std::string LegacyProtocol::capabilities() const {
    const ToolRegistry& registry = handlers_.registry();
    std::string out;
    {
        JsonObject capabilities{out};
        capabilities.member("tools") += "{}";
        if (!registry.contract().resources.empty())
            capabilities.member("resources") += R"({"subscribe":true})";
        if (!registry.contract().prompts.empty()) capabilities.member("prompts") += "{}";
        if (!registry.contract().resources.empty()
            && protocol_version_ >= ProtocolVersion::v2025_03_26)
            capabilities.member("completions") += "{}";
        if (registry.has_tasks() && dialect().task_support)
            capabilities.member("tasks") += tasks_.capability();
    }
    return out;
}

void LegacyProtocol::call_tool(const rpc::Request& request, rpc::Reply& reply) {
    const bool wants_task = dialect().task_support && request.params.contains("task");
    if (wants_task && handlers_.registry().has_tasks()) return tasks_.call_tool(request, reply);
    const Tool& tool = handlers_.registry().require_tool(required_text(request.params, "name"));
    if (tool.task_support == TaskSupport::required) {
        const std::string why =
            fmt::format("tool {} can only be called as a task: pass \"task\"", tool.name);
        return reply.error({rpc::kMethodNotFound, why});
    }
    const auto plain = [](const ToolResult&) { return std::optional<std::string>{}; };
    handlers_.call_tool(request, reply, dialect(), plain);
}

void LegacyProtocol::subscribe(const rpc::Request& request, rpc::Reply& reply) {
    const std::string& uri = required_text(request.params, "uri");
    ToolRegistry& registry = handlers_.registry();
    if (!registry.resource_version(uri)) return refuse_resource(reply, uri, dialect());
    if (subscriptions_.size() >= kMaxSubscriptions)
        throw Error(
            ErrorCode::refused, fmt::format("too many subscriptions (max {})", kMaxSubscriptions),
            "unsubscribe from some resources");
    const auto changed = [this, uri] {
        std::string params;
        JsonObject{params}.text("uri", uri);
        output_.send(rpc::notification_line("notifications/resources/updated", params));
    };
    subscriptions_[uri] = std::make_unique<Subscription>(
        notifier_, registry.job_of_resource(uri),
        [&registry, uri] { return registry.resource_version(uri); }, changed);
    reply.result("{}");
}

void LegacyProtocol::unsubscribe(const rpc::Request& request, rpc::Reply& reply) {
    subscriptions_.erase(required_text(request.params, "uri"));
    reply.result("{}");
}

}  // namespace atlasjob::mcp
