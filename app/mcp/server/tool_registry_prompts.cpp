#include "mcp/jobs/job_completion.h"
#include "mcp/server/tool_registry.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

/// The part of the core that is about prompts and completion.
namespace atlasjob::mcp {

namespace {

/// The only thing whose values we know.
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
                "give it as a string");
    }
    for (const auto& [name, value] : arguments.items()) {
        if (!has_argument(prompt, name))
            refuse(fmt::format("prompt {} has no argument {}", prompt.name, name), "leave it out");
        if (!value.is_string())
            refuse(
                fmt::format("argument {} is of type {}", name, value.type_name()),
                "it must be a string");
    }
}

/// Whether completing `argument` there makes sense.
bool is_variable(const Resource& resource, std::string_view argument) {
    return resource.uri.find(fmt::format("{{{}}}", argument)) != std::string_view::npos;
}

}  // namespace

const Prompt& ToolRegistry::require_prompt(std::string_view name) const {
    const auto prompt = std::ranges::find(contract_.prompts, name, &Prompt::name);
    if (prompt != contract_.prompts.end()) return **prompt;
    refuse(
        fmt::format("unknown prompt \"{}\"", name),
        "prompts of this server: " + names_of(contract_.prompts));
}

std::string ToolRegistry::write_prompt(const Prompt& prompt, const nlohmann::json& arguments) {
    check_arguments(prompt, arguments);
    return prompt.write(context_, arguments);
}

Completion ToolRegistry::complete(
    const CompletedThing& thing, std::string_view argument, std::string_view begun) {
    if (thing.kind == CompletedThing::Kind::prompt) {
        const Prompt& prompt = require_prompt(thing.name);
        if (!has_argument(prompt, argument))
            refuse(
                fmt::format("prompt {} has no argument {}", prompt.name, argument),
                "see prompts/list");
    } else {
        const auto resource = std::ranges::find(contract_.resources, thing.name, &Resource::uri);
        if (resource == contract_.resources.end())
            refuse(
                fmt::format("unknown resource template \"{}\"", thing.name),
                "see resources/templates/list");
        if (!is_variable(**resource, argument))
            refuse(
                fmt::format("template {} has no variable {}", thing.name, argument),
                "see resources/templates/list");
    }
    if (argument != kJobId) return {};
    Completion completion{complete_job_id(context_, begun), false};
    completion.has_more = completion.values.size() == kMaxCompletions;
    return completion;
}

}  // namespace atlasjob::mcp
