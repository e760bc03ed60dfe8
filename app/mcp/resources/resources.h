#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// A published resource or a family of them: a URI, or an RFC 6570 URI template with one
/// {variable}.
struct Resource {
    std::string_view uri;
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view mime_type;
    /// The current content; `value` is the value of the template's variable, always a job id.
    /// nullopt if this principal has no such resource. Throws Error if the ledger cannot be read.
    std::optional<std::string> (*read)(const ToolContext& context, std::string_view value);
    /// A short text, cheap to make, that changes whenever the content does; nullopt as for read.
    std::optional<std::string> (*version)(const ToolContext& context, std::string_view value);

    bool is_template() const { return uri.find('{') != std::string_view::npos; }
};

/// The value of the template's variable in `uri`, empty if `resource` is not a template; nullopt if
/// `uri` does not match `resource`.
std::optional<std::string_view> match(const Resource& resource, std::string_view uri);

// The resources other than single jobs (atlas://job/{job_id}, defined by the contract).

extern const Resource kJobLog;
extern const Resource kJobStatistics;
extern const Resource kSkillPage;  ///< In skills/skill.cpp.

}  // namespace atlasjob::mcp
