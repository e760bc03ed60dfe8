#include "mcp/protocol/serialize.h"

#include "base/json_text.h"
#include "view/json_object.h"

namespace atlasjob::mcp {

namespace {

using view::append_json_array;
using view::JsonObject;

/// Includes the title: before 2025-06-18 there was no other place for it.
void append_hints(std::string& out, std::string_view title, const ToolHints& hints) {
    JsonObject object{out};
    object.text("title", title);
    object.flag("readOnlyHint", hints.read_only);
    object.flag("destructiveHint", hints.destructive);
    object.flag("idempotentHint", hints.idempotent);
    object.flag("openWorldHint", hints.open_world);
}

/// The members that all listed entries share.
template <class Listed>
void append_naming(JsonObject& object, const Listed& listed, const Dialect& dialect) {
    object.text("name", listed.name);
    if (dialect.titles) object.text("title", listed.title);
    object.text("description", listed.description);
}

void append_tool(std::string& out, const Tool& tool, const Dialect& dialect) {
    JsonObject object{out};
    append_naming(object, tool, dialect);
    object.member("inputSchema") += one_line(tool.input_schema);
    if (dialect.structured && !tool.output_schema.empty()) {
        object.member("outputSchema") += one_line(tool.output_schema);
    }
    if (dialect.annotations) append_hints(object.member("annotations"), tool.title, tool.hints);
    if (dialect.task_support && tool.task_support != TaskSupport::forbidden) {
        JsonObject execution{object.member("execution")};
        const bool required = tool.task_support == TaskSupport::required;
        execution.text("taskSupport", std::string_view{required ? "required" : "optional"});
    }
}

void append_resource(std::string& out, const ListedResource& resource, const Dialect& dialect) {
    JsonObject object{out};
    object.text("uri", resource.uri);
    append_naming(object, resource, dialect);
    object.text("mimeType", resource.mime_type);
}

void append_template(std::string& out, const Resource& entry, const Dialect& dialect) {
    JsonObject object{out};
    object.text("uriTemplate", entry.uri);
    append_naming(object, entry, dialect);
    object.text("mimeType", entry.mime_type);
}

void append_argument(std::string& out, const PromptArgument& argument, const Dialect& dialect) {
    JsonObject object{out};
    append_naming(object, argument, dialect);
    object.flag("required", argument.required);
}

void append_prompt(std::string& out, const Prompt& prompt, const Dialect& dialect) {
    JsonObject object{out};
    append_naming(object, prompt, dialect);
    append_json_array(
        object.member("arguments"), prompt.arguments,
        [&](std::string& list, const PromptArgument& argument) {
            append_argument(list, argument, dialect);
        });
}

/// The only kind of content block used.
void append_text_block(std::string& out, std::string_view text) {
    JsonObject block{out};
    block.text("type", std::string_view{"text"});
    block.text("text", text);
}

}  // namespace

std::string one_line(std::string_view schema) {
    auto compact = compact_json(schema);
    if (!compact) throw Error(ErrorCode::internal, "a published schema is not JSON");
    return std::move(*compact);
}

void write_tools(JsonObject& result, std::span<const Tool* const> tools, const Dialect& dialect) {
    append_json_array(result.member("tools"), tools, [&](std::string& out, const Tool* tool) {
        append_tool(out, *tool, dialect);
    });
}

void write_tool_result(JsonObject& result, const ToolResult& tool_result, const Dialect& dialect) {
    std::string& content = result.member("content");
    content += '[';
    append_text_block(
        content, tool_result.indented ? view::indented_json(tool_result.text) : tool_result.text);
    content += ']';
    if (tool_result.structured && dialect.structured) {
        result.member("structuredContent") += tool_result.text;
    }
    result.flag("isError", tool_result.is_error);
}

void write_resources(
    JsonObject& result, std::span<const ListedResource> resources, const Dialect& dialect) {
    append_json_array(
        result.member("resources"), resources,
        [&](std::string& out, const ListedResource& resource) {
            append_resource(out, resource, dialect);
        });
}

void write_templates(
    JsonObject& result, std::span<const Resource* const> resources, const Dialect& dialect) {
    std::vector<const Resource*> templates;
    for (const Resource* resource : resources)
        if (resource->is_template()) templates.push_back(resource);
    append_json_array(
        result.member("resourceTemplates"), templates,
        [&](std::string& out, const Resource* entry) { append_template(out, *entry, dialect); });
}

void write_prompts(
    JsonObject& result, std::span<const Prompt* const> prompts, const Dialect& dialect) {
    append_json_array(
        result.member("prompts"), prompts,
        [&](std::string& out, const Prompt* prompt) { append_prompt(out, *prompt, dialect); });
}

void write_prompt_text(JsonObject& result, const Prompt& prompt, std::string_view text) {
    result.text("description", prompt.description);
    std::string& messages = result.member("messages");
    messages += '[';
    {
        JsonObject message{messages};
        message.text("role", std::string_view{"user"});
        append_text_block(message.member("content"), text);
    }
    messages += ']';
}

void write_completion(JsonObject& result, const Completion& completion) {
    JsonObject object{result.member("completion")};
    object.texts("values", completion.values);
    object.flag("hasMore", completion.has_more);
}

void write_contents(JsonObject& result, std::string_view uri, const Contents& contents) {
    std::string& list = result.member("contents");
    list += '[';
    {
        JsonObject content{list};
        content.text("uri", uri);
        content.text("mimeType", contents.mime_type);
        content.text("text", contents.text);
    }
    list += ']';
}

}  // namespace atlasjob::mcp
