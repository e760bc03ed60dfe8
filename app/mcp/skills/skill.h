#pragma once

#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// A skill of one file, SKILL.md, in the terms of MCP Skills.
struct Skill {
    std::string_view uri;  ///< Of SKILL.md; its folder has the skill's name.
    std::string_view text;
    std::string_view sha256;  ///< Of `text`, in lower-case hexadecimal digits.

    /// The YAML at the head of the page as a JSON object. Throws Error(internal) if this program
    /// cannot read it.
    std::string front_matter_json() const;
};

/// How to use this server and the command line; generated from packaging/claude-plugin at build.
extern const Skill kSkill;

}  // namespace atlasjob::mcp
