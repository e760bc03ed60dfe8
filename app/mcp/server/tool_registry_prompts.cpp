#include "mcp/jobs/job_completion.h"
#include "mcp/server/tool_registry.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

/// The part of ToolRegistry for prompts and completion.
namespace atlasjob::mcp {

namespace {

/// The only argument that has completions.
constexpr std::string_view kJobId = "job_id";

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
    throw Error(ErrorCode::invalid_argument, what, hint);
}

std::string names_of(std::span<const Prompt* const> prompts) {
    std::string names;
    for (const Prompt* prompt : prompts) {
        names += names.empty() ? "" : ", ";
        names += prompt->name;
    }
    return names;
}

bool has_argument(const Prompt& prompt, std::string_view name) {
    return std::ranges::find(prompt.arguments, name, &PromptArgument::name)
           != prompt.arguments.end();
}

void check_arguments(const Prompt& prompt, const nlohmann::json& arguments) {
    for (const PromptArgument& argument : prompt.arguments) {
        if (argument.required && !arguments.contains(argument.name))
            refuse(
                fmt::format("argument {} of prompt {} is missing", argument.name, prompt.name),
                "pass it as a string");
    }
    for (const auto& [name, value] : arguments.items()) {
        if (!has_argument(prompt, name))
            refuse(fmt::format("prompt {} has no argument {}", prompt.name, name), "leave it out");
        if (!value.is_string())
            refuse(
                fmt::format("argument {} has type {}", name, value.type_name()),
                "pass it as a string");
    }
}

/// Whether `argument` is a variable of the resource's URI template.
bool is_variable(const Resource& resource, std::string_view argument) {
    return resource.uri.find(fmt::format("{{{}}}", argument)) != std::string_view::npos;
}

}  // namespace

const Prompt& ToolRegistry::require_prompt(std::string_view name) const {
    const auto prompt = std::ranges::find(contract_.prompts, name, &Prompt::name);
    if (prompt != contract_.prompts.end()) return **prompt;
    refuse(
        fmt::format("unknown prompt \"{}\"", name),
        "this server has: " + names_of(contract_.prompts));
}

std::string ToolRegistry::write_prompt(const Prompt& prompt, const nlohmann::json& arguments) {
    check_arguments(prompt, arguments);
    return prompt.write(context_, arguments);
}

Completion ToolRegistry::complete(
    const CompletionTarget& target, std::string_view argument, std::string_view prefix) {
    if (target.kind == CompletionTarget::Kind::prompt) {
        const Prompt& prompt = require_prompt(target.name);
        if (!has_argument(prompt, argument))
            refuse(
                fmt::format("prompt {} has no argument {}", prompt.name, argument),
                "see prompts/list");
    } else {
        const auto resource = std::ranges::find(contract_.resources, target.name, &Resource::uri);
        if (resource == contract_.resources.end())
            refuse(
                fmt::format("unknown resource template \"{}\"", target.name),
                "see resources/templates/list");
        if (!is_variable(**resource, argument))
            refuse(
                fmt::format("template {} has no variable {}", target.name, argument),
                "see resources/templates/list");
    }
    if (argument != kJobId) return {};
    Completion completion{complete_job_id(context_, prefix), false};
    completion.has_more = completion.values.size() == kMaxCompletions;
    return completion;
}

}  // namespace atlasjob::mcp
