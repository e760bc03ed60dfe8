#include "mcp/protocol/host_session.h"

#include "jobs/session.h"

#include <nlohmann/json.hpp>

#include <array>

namespace atlasjob::mcp {

namespace {

/// Where hosts name the conversation. The first one that is present counts.
constexpr std::array kKeys = {
    "atlasjob/session",       // for clients of one's own
    "vscode.conversationId",  // VS Code: vs/workbench/contrib/mcp
    "threadId",               // Codex: core/src/mcp_tool_call.rs; one server for all conversations
    "agent-session-id",       // goose: crates/goose/src/session_context.rs
    "openai/session",         // ChatGPT: Apps SDK reference
};

}  // namespace

std::optional<std::string> host_session(const nlohmann::json& params) {
    const auto meta = params.find("_meta");
    if (meta == params.end() || !meta->is_object()) return {};
    for (const char* key : kKeys) {
        const auto value = meta->find(key);
        if (value == meta->end() || !value->is_string()) continue;
        if (auto session = jobs::session_of(value->get_ref<const std::string&>())) return session;
    }
    return {};
}

}  // namespace atlasjob::mcp
