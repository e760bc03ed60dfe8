#include "conformance/fixtures.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::test {

namespace {

using mcp::Prompt;
using mcp::PromptArgument;
using mcp::Resource;
using mcp::ToolContext;
using nlohmann::json;

using Text = std::optional<std::string>;

Text static_text(const ToolContext& /*context*/, std::string_view /*none*/) {
    return "This is the content of the static text resource.";
}

Text from_template(const ToolContext& /*context*/, std::string_view value) {
    return json{
        {"id", value}, {"templateTest", true}, {"data", fmt::format("Data for ID: {}", value)}}
        .dump();
}

constexpr Resource kStaticText = {
    .uri = "test://static-text",
    .name = "static-text",
    .title = "Static text",
    .description = "A text that never changes.",
    .mime_type = "text/plain",
    .read = static_text,
    .version = static_text};
constexpr Resource kWatched = {
    .uri = "test://watched-resource",
    .name = "watched-resource",
    .title = "Watched resource",
    .description = "A text to subscribe to.",
    .mime_type = "text/plain",
    .read = static_text,
    .version = static_text};
constexpr Resource kTemplate = {
    .uri = "test://template/{id}/data",
    .name = "template",
    .title = "Template",
    .description = "Returns the requested id.",
    .mime_type = "application/json",
    .read = from_template,
    .version = from_template};

constexpr std::array kResources = {&kStaticText, &kWatched, &kTemplate, &mcp::kSkillPage};

std::string simple(const ToolContext& /*context*/, const json& /*none*/) {
    return "This is a simple prompt for testing.";
}

std::string with_arguments(const ToolContext& /*context*/, const json& arguments) {
    return fmt::format(
        "Prompt with arguments: arg1='{}', arg2='{}'", arguments.at("arg1").get<std::string>(),
        arguments.at("arg2").get<std::string>());
}

constexpr std::array kArguments = {
    PromptArgument{"arg1", "First", "First test argument"},
    PromptArgument{"arg2", "Second", "Second test argument"}};

constexpr Prompt kSimple = {
    "test_simple_prompt", "Simple", "A prompt without arguments.", {}, simple};
constexpr Prompt kWithArguments = {
    "test_prompt_with_arguments", "With arguments", "A prompt with two.", kArguments,
    with_arguments};

constexpr std::array kPrompts = {&kSimple, &kWithArguments};

}  // namespace

const std::span<const Resource* const> kFixtureResources{kResources};
const std::span<const Prompt* const> kFixturePrompts{kPrompts};

}  // namespace atlasjob::test
