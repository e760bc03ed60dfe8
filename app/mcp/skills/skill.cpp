#include "mcp/skills/skill.h"

#include "mcp/resources/resources.h"
#include "mcp/skills/front_matter.h"

namespace atlasjob::mcp {

namespace {

std::optional<std::string> read_page(const ToolContext& /*context*/, std::string_view /*value*/) {
    return std::string{kSkill.text};
}

std::optional<std::string> page_version(
    const ToolContext& /*context*/, std::string_view /*value*/) {
    return std::string{kSkill.sha256};
}

}  // namespace

std::string Skill::front_matter_json() const {
    return front_matter(text);
}

constinit const Resource kSkillPage = {
    .uri = "skill://atlasjob/SKILL.md",
    .name = "atlasjob",
    .title = "How to use atlasjob",
    .description = "When to use which tool or command, how to wait, how to hand over.",
    .mime_type = "text/markdown",
    .read = read_page,
    .version = page_version,
};

}  // namespace atlasjob::mcp
