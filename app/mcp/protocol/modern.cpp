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
    RequestHandlers& service, ChangeNotifier& watch, rpc::Output& output, std::string version)
    : service_(service),
      version_(std::move(version)),
      tasks_(service),
      listens_(service, watch, output) {
    methods_.add(
        std::string{kDiscover}, [this](const auto&, auto& reply) { reply.result(discover()); });
    add("tools/list", &RequestHandlers::list_tools);
    methods_.add("tools/call", [this](const auto& request, auto& reply) {
        tasks_.call_tool(request, reply, dialect());
    });
    methods_.add("subscriptions/listen", [this](const auto& request, auto& reply) {
        listens_.open(request, reply, dialect());
    });
    if (!service_.core().contract().resources.empty()) add_resource_methods();
    if (!service_.core().contract().prompts.empty()) {
        add("prompts/list", &RequestHandlers::list_prompts);
        add("prompts/get", &RequestHandlers::get_prompt);
    }
    if (service_.core().has_tasks()) tasks_.add_methods(methods_, [this] { return dialect(); });
}

template <class Method>
void ModernProtocol::add(const std::string& name, Method method) {
    methods_.add(name, [this, method](const rpc::Request& request, rpc::Reply& reply) {
        reply.result((service_.*method)(request.params, dialect()));
    });
}

void ModernProtocol::add_resource_methods() {
    add("resources/list", &RequestHandlers::list_resources);
    add("resources/templates/list", &RequestHandlers::list_templates);
    methods_.add("resources/read", [this](const auto& request, auto& reply) {
        service_.read_resource(request, reply, dialect());
    });
    add("completion/complete", &RequestHandlers::complete);
}

Dialect ModernProtocol::dialect() const {
    return {.icons = false, .envelope = true, .version = version_};
}

bool ModernProtocol::claims(const rpc::Request& request) {
    return request.method == kDiscover || names_revision(request.params);
}

void ModernProtocol::answer(const rpc::Request& request, rpc::Reply& reply) {
    if (!accept_meta(request, reply)) return;
    methods_.answer(request, reply);
}

std::string ModernProtocol::discover() const {
    // Every result says who answers; what we look like is told once.
    Dialect opening = dialect();
    opening.icons = true;
    return result_json(opening, Caching{1h, true}, [&](JsonObject& result) {
        result.member("supportedVersions") += kSupportedJson;
        result.member("capabilities") += capabilities();
        result.text("instructions", service_.core().contract().instructions);
    });
}

std::string ModernProtocol::capabilities() const {
    const ToolRegistry& core = service_.core();
    std::string out;
    {
        JsonObject capabilities{out};
        capabilities.member("tools") += "{}";
        if (!core.contract().resources.empty()) {
            capabilities.member("resources") += R"({"subscribe":true,"listChanged":true})";
            capabilities.member("completions") += "{}";
        }
        if (!core.contract().prompts.empty()) capabilities.member("prompts") += "{}";
        if (core.has_tasks()) {
            JsonObject extensions{capabilities.member("extensions")};
            extensions.member(kTasksExtension) += "{}";
        }
    }
    return out;
}

}  // namespace atlasjob::mcp
