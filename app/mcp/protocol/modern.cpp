#include "mcp/protocol/modern.h"

#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;
using namespace std::chrono_literals;

constexpr std::string_view kDiscover = "server/discover";

}  // namespace

ModernProtocol::ModernProtocol(
    RequestHandlers& handlers, ChangeNotifier& notifier, rpc::Output& output, std::string version)
    : handlers_(handlers),
      server_version_(std::move(version)),
      tasks_(handlers),
      subscription_stream_(handlers, notifier, output) {
    methods_.add(
        std::string{kDiscover}, [this](const auto&, auto& reply) { reply.result(discover()); });
    add("tools/list", &RequestHandlers::list_tools);
    methods_.add("tools/call", [this](const auto& request, auto& reply) {
        tasks_.call_tool(request, reply, dialect());
    });
    methods_.add("subscriptions/listen", [this](const auto& request, auto& reply) {
        subscription_stream_.open(request, reply, dialect());
    });
    if (!handlers_.registry().contract().resources.empty()) add_resource_methods();
    if (!handlers_.registry().contract().prompts.empty()) {
        add("prompts/list", &RequestHandlers::list_prompts);
        add("prompts/get", &RequestHandlers::get_prompt);
    }
    if (handlers_.registry().has_tasks())
        tasks_.add_methods(methods_, [this] { return dialect(); });
}

template <class Method>
void ModernProtocol::add(const std::string& name, Method method) {
    methods_.add(name, [this, method](const rpc::Request& request, rpc::Reply& reply) {
        reply.result((handlers_.*method)(request.params, dialect()));
    });
}

void ModernProtocol::add_resource_methods() {
    add("resources/list", &RequestHandlers::list_resources);
    add("resources/templates/list", &RequestHandlers::list_templates);
    methods_.add("resources/read", [this](const auto& request, auto& reply) {
        handlers_.read_resource(request, reply, dialect());
    });
    add("completion/complete", &RequestHandlers::complete);
}

Dialect ModernProtocol::dialect() const {
    return {.icons = false, .envelope = true, .version = server_version_};
}

bool ModernProtocol::claims(const rpc::Request& request) {
    return request.method == kDiscover || names_protocol_version(request.params);
}

void ModernProtocol::answer(const rpc::Request& request, rpc::Reply& reply) {
    if (!accept_meta(request, reply)) return;
    methods_.answer(request, reply);
}

std::string ModernProtocol::discover() const {
    // Every result names the server; only this one also has its description and icons.
    Dialect with_icons = dialect();
    with_icons.icons = true;
    return result_json(with_icons, Caching{1h, true}, [&](JsonObject& result) {
        result.member("supportedVersions") += kSupportedJson;
        result.member("capabilities") += capabilities();
        result.text("instructions", handlers_.registry().contract().instructions);
    });
}

std::string ModernProtocol::capabilities() const {
    const ToolRegistry& registry = handlers_.registry();
    std::string out;
    {
        JsonObject capabilities{out};
        capabilities.member("tools") += "{}";
        if (!registry.contract().resources.empty()) {
            capabilities.member("resources") += R"({"subscribe":true,"listChanged":true})";
            capabilities.member("completions") += "{}";
        }
        if (!registry.contract().prompts.empty()) capabilities.member("prompts") += "{}";
        if (registry.has_tasks()) {
            JsonObject extensions{capabilities.member("extensions")};
            extensions.member(kTasksExtension) += "{}";
        }
    }
    return out;
}

}  // namespace atlasjob::mcp
