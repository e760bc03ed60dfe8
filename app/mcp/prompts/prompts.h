#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// An argument of a prompt; always a string.
struct PromptArgument {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    bool required = true;
};

/// A text that a user selects by name and sends to the model.
struct Prompt {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::span<const PromptArgument> arguments;
    /// The text, as a message from the user. `arguments` is an object of strings with all required
    /// members and no unknown ones. Throws Error(not_found), and if the ledger cannot be read.
    std::string (*write)(const ToolContext& context, const nlohmann::json& arguments);
};

extern const Prompt kDiagnoseJob;

}  // namespace atlasjob::mcp
