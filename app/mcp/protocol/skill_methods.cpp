#include "mcp/protocol/event_error.h"
#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"

#include <fmt/format.h>

/// The methods of MCP Skills (io.modelcontextprotocol/skills), the same in all protocol versions.
namespace atlasjob::mcp {

namespace {

using view::JsonObject;

constexpr std::string_view kSkillsExtension = "io.modelcontextprotocol/skills";

void append_skill(std::string& out, const Skill& skill) {
    JsonObject entry{out};
    entry.text("uri", skill.uri);
    entry.member("frontmatter") += skill.front_matter_json();
    std::string& files = entry.member("resources");
    files += '[';
    {
        JsonObject file{files};
        file.text("uri", skill.uri);
        file.text("digest", fmt::format("sha256:{}", skill.sha256));
        file.integer("size", static_cast<std::int64_t>(skill.text.size()));
    }
    files += ']';
}

}  // namespace

void list_skills(const Call& call) {
    refuse_cursor(call.params());
    call.reply.result(result_json(call.dialect, kFixed, [&](JsonObject& result) {
        std::string& skills = result.member("skills");
        skills += '[';
        append_skill(skills, *call.registry().contract().skill);
        skills += ']';
    }));
}

void get_skill(const Call& call) {
    const std::string& uri = required_text(call.params(), "uri");
    const Skill& skill = *call.registry().contract().skill;
    if (uri != skill.uri)
        throw Error(
            ErrorCode::invalid_argument, fmt::format("no skill is served at {}", uri),
            "see skills/list");
    call.reply.result(result_json(call.dialect, kFixed, [&](JsonObject& result) {
        append_skill(result.member("skill"), skill);
    }));
}

void write_extensions(
    JsonObject& capabilities,
    const ToolRegistry& registry,
    const std::function<void(JsonObject& extensions)>& more) {
    const Contract& contract = registry.contract();
    // Where clients looked for it before the extension was final.
    if (contract.events) capabilities.member("events") += "{}";
    std::string members;
    {
        JsonObject extensions{members};
        if (more) more(extensions);
        if (contract.events) extensions.member(kEventsExtension) += "{}";
        if (contract.skill != nullptr) extensions.member(kSkillsExtension) += "{}";
    }
    if (members != "{}") capabilities.member("extensions") += members;
}

}  // namespace atlasjob::mcp
