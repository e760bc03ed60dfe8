#pragma once

#include "mcp/core.h"
#include "view/json_object.h"

/// What the core knows, as members of a result. The eras open the result, add what is theirs and
/// close it; the client's revision decides which members it may see.
namespace atlasjob::mcp {

/// Which members a revision of the protocol has.
struct Dialect {
    bool annotations = true;  ///< Tool annotations: from 2025-03-26.
    bool titles = true;       ///< `title`: from 2025-06-18.
    bool structured = true;   ///< outputSchema and structuredContent: from 2025-06-18.
};

void write_tools(
    view::JsonObject& result, std::span<const Tool* const> tools, const Dialect& dialect);
void write_tool_result(
    view::JsonObject& result, const ToolResult& tool_result, const Dialect& dialect);
void write_resources(
    view::JsonObject& result, std::span<const ListedResource> resources, const Dialect& dialect);
/// Of `resources` those that are templates.
void write_templates(
    view::JsonObject& result, std::span<const Resource* const> resources, const Dialect& dialect);
void write_contents(view::JsonObject& result, std::string_view uri, const Contents& contents);

}  // namespace atlasjob::mcp
