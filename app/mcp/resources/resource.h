#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// One resource, or a family of them, as it is published: a URI, or an RFC 6570 template of one
/// with a single {variable}.
struct Resource {
    std::string_view uri;
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view mime_type;
    /// What it holds now; `value` is what stands for the template's variable, always a job's id.
    /// Nothing: there is no such resource for this principal. Throws Error when the ledger cannot
    /// be read.
    std::optional<std::string> (*read)(const ToolContext& context, std::string_view value);
    /// A short text that differs whenever what it holds does, and costs little; nothing as above.
    std::optional<std::string> (*version)(const ToolContext& context, std::string_view value);

    bool is_template() const { return uri.find('{') != std::string_view::npos; }
};

/// What stands for the template's variable in `uri`; empty for a resource that is no template.
/// Nothing: `uri` is not one of `resource`.
std::optional<std::string_view> match(const Resource& resource, std::string_view uri);

}  // namespace atlasjob::mcp
