#include "mcp/protocol/legacy.h"

#include "mcp/protocol/request_params.h"
#include "rpc/codes.h"
#include "rpc/output.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

/// Of these revisions; the modern era says invalid params.
constexpr int kResourceNotFound = -32002;
/// A server reads without end; a client that subscribes to ever new things must end somewhere.
constexpr std::size_t kMaxSubscriptions = 1000;

}  // namespace

LegacyProtocol::LegacyProtocol(
    RequestHandlers& service, ChangeNotifier& watch, rpc::Output& output, std::string version)
    : service_(service),
      watch_(watch),
      output_(output),
      version_(std::move(version)),
      tasks_(service) {
    methods_.add("initialize", [this](const auto& request, auto& reply) {
        reply.result(initialize(request.params));
    });
    methods_.add("ping", [](const auto&, auto& reply) { reply.result("{}"); });
    add("tools/list", &RequestHandlers::list_tools);
    methods_.add(
        "tools/call", [this](const auto& request, auto& reply) { call_tool(request, reply); });
    const Contract& contract = service_.core().contract();
    if (!contract.resources.empty()) add_resource_methods();
    if (!contract.prompts.empty()) add_prompt_methods();
    if (service_.core().has_tasks()) tasks_.add_methods(methods_);
}

template <class Method>
void LegacyProtocol::add(const std::string& name, Method method) {
    methods_.add(name, [this, method](const rpc::Request& request, rpc::Reply& reply) {
        reply.result((service_.*method)(request.params, dialect()));
    });
}

void LegacyProtocol::add_resource_methods() {
    add("resources/list", &RequestHandlers::list_resources);
    add("resources/templates/list", &RequestHandlers::list_templates);
    methods_.add("resources/read", [this](const auto& request, auto& reply) {
        service_.read_resource(request, reply, dialect());
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
        .annotations = revision_ >= Revision::r2025_03_26,
        .titles = revision_ >= Revision::r2025_06_18,
        .structured = revision_ >= Revision::r2025_06_18,
        .icons = revision_ >= Revision::r2025_11_25,
        .task_support = revision_ >= Revision::r2025_11_25,
        .envelope = false,
        .resource_not_found = kResourceNotFound,
        .version = version_,
    };
}

std::string LegacyProtocol::initialize(const json& params) {
    const std::string& wanted = required_text(params, "protocolVersion");
    revision_ = parse_revision(wanted).value_or(kNewestLegacy);
    return result_json(dialect(), {}, [&](JsonObject& result) {
        result.text("protocolVersion", to_string(revision_));
        result.member("capabilities") += capabilities();
        write_server(result.member("serverInfo"), dialect());
        result.text("instructions", service_.core().contract().instructions);
    });
}

/// Only what is there, and what the revision knows: its clients may refuse what they do not.
std::string LegacyProtocol::capabilities() const {
    const ToolRegistry& core = service_.core();
    std::string out;
    {
        JsonObject capabilities{out};
        capabilities.member("tools") += "{}";
        if (!core.contract().resources.empty())
            capabilities.member("resources") += R"({"subscribe":true})";
        if (!core.contract().prompts.empty()) capabilities.member("prompts") += "{}";
        if (!core.contract().resources.empty() && revision_ >= Revision::r2025_03_26)
            capabilities.member("completions") += "{}";
        if (core.has_tasks() && dialect().task_support)
            capabilities.member("tasks") += tasks_.capability();
    }
    return out;
}

void LegacyProtocol::call_tool(const rpc::Request& request, rpc::Reply& reply) {
    const bool wants_task = dialect().task_support && request.params.contains("task");
    if (wants_task && service_.core().has_tasks()) return tasks_.call_tool(request, reply);
    const Tool& tool = service_.core().require_tool(required_text(request.params, "name"));
    if (tool.task_support == TaskSupport::required) {
        const std::string why =
            fmt::format("tool {} can be called as a task only, with \"task\"", tool.name);
        return reply.error({rpc::kMethodNotFound, why});
    }
    const auto plain = [](const ToolResult&) { return std::optional<std::string>{}; };
    service_.call_tool(request, reply, dialect(), plain);
}

void LegacyProtocol::subscribe(const rpc::Request& request, rpc::Reply& reply) {
    const std::string& uri = required_text(request.params, "uri");
    ToolRegistry& core = service_.core();
    if (!core.resource_version(uri)) return refuse_resource(reply, uri, dialect());
    if (subscriptions_.size() >= kMaxSubscriptions)
        throw Error(
            ErrorCode::refused, "too many subscriptions", "unsubscribe from what is not needed");
    const auto changed = [this, uri] {
        std::string params;
        JsonObject{params}.text("uri", uri);
        output_.send(rpc::notification_line("notifications/resources/updated", params));
    };
    subscriptions_[uri] = std::make_unique<Subscription>(
        watch_, core.job_of_resource(uri), [&core, uri] { return core.resource_version(uri); },
        changed);
    reply.result("{}");
}

void LegacyProtocol::unsubscribe(const rpc::Request& request, rpc::Reply& reply) {
    subscriptions_.erase(required_text(request.params, "uri"));
    reply.result("{}");
}

}  // namespace atlasjob::mcp
