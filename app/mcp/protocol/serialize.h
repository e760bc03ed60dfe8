#pragma once

#include "mcp/protocol/dialect.h"
#include "mcp/server/tool_registry.h"

/// Write tools, resources and prompts as members of a result; the dialect decides which members are
/// included.
namespace atlasjob::mcp {

/// A schema as it is sent: written in several lines in the source, but a message is a single line.
std::string one_line(std::string_view schema);

void write_tools(
    view::JsonObject& result, std::span<const Tool* const> tools, const Dialect& dialect);
void write_tool_result(
    view::JsonObject& result, const ToolResult& tool_result, const Dialect& dialect);
void write_resources(
    view::JsonObject& result, std::span<const ListedResource> resources, const Dialect& dialect);
/// Writes only those of `resources` that are templates.
void write_templates(
    view::JsonObject& result, std::span<const Resource* const> resources, const Dialect& dialect);
void write_prompts(
    view::JsonObject& result, std::span<const Prompt* const> prompts, const Dialect& dialect);
void write_prompt_text(view::JsonObject& result, const Prompt& prompt, std::string_view text);
void write_completion(view::JsonObject& result, const Completion& completion);
void write_contents(view::JsonObject& result, std::string_view uri, const Contents& contents);

}  // namespace atlasjob::mcp
