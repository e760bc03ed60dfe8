#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

std::string capabilities(const ToolRegistry& registry) {
    std::string out;
    {
        JsonObject capabilities{out};
        capabilities.member("tools") += "{}";
        if (!registry.contract().resources.empty()) {
            capabilities.member("resources") += R"({"subscribe":true,"listChanged":true})";
            capabilities.member("completions") += "{}";
        }
        if (!registry.contract().prompts.empty()) capabilities.member("prompts") += "{}";
        write_extensions(capabilities, registry, [&](JsonObject& extensions) {
            if (registry.has_tasks()) extensions.member(kTasksExtension) += "{}";
        });
    }
    return out;
}

}  // namespace

Dialect modern_dialect(const Connection& connection) {
    return {.icons = false, .envelope = true, .version = connection.server_version};
}

void discover(const Call& call) {
    // Every result names the server; only this one also has its description and icons.
    Dialect with_icons = call.dialect;
    with_icons.icons = true;
    call.reply.result(result_json(with_icons, kFixed, [&](JsonObject& result) {
        result.member("supportedVersions") += kSupportedJson;
        result.member("capabilities") += capabilities(call.registry());
        result.text("instructions", call.registry().contract().instructions);
    }));
}

void listen(const Call& call) {
    call.connection.streams.open(call.request, call.reply, call.dialect);
}

}  // namespace atlasjob::mcp
