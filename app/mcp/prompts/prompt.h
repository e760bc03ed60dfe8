#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// One argument of a prompt; every one is a text.
struct PromptArgument {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    bool required = true;
};

/// A text that a user asks for by name and hands to the model.
struct Prompt {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::span<const PromptArgument> arguments;
    /// The text, as a message of the user's. `arguments` is an object of texts that has all that
    /// are required and no others. Throws Error(not_found), and when the ledger cannot be read.
    std::string (*write)(const ToolContext& context, const nlohmann::json& arguments);
};

}  // namespace atlasjob::mcp
