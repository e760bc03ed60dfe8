#pragma once

#include "mcp/ledger_access.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

struct Contract;

/// What a tool answers, whatever the protocol era.
struct ToolResult {
    std::string text;         ///< JSON or plain text.
    bool structured = false;  ///< `text` is a JSON object and fits the tool's output schema.
    bool is_error = false;    ///< The call failed, as opposed to answering "no".
};

/// What a tool works with.
struct ToolContext {
    const Contract& contract;
    LedgerAccess& ledger;
    const std::optional<Principal>& principal;
};

/// What a client may assume before it calls (ToolAnnotations of the specification).
struct ToolHints {
    bool read_only = false;
    bool destructive = true;
    bool idempotent = false;
    bool open_world = true;
};

/// One tool as it is published, and the function behind it.
struct Tool {
    std::string_view name;
    std::string_view title;
    std::string_view description;    ///< Under kLongestGuidance.
    std::string_view input_schema;   ///< JSON; the arguments are checked against it.
    std::string_view output_schema;  ///< JSON; empty: none is published.
    ToolHints hints;
    /// `arguments` fit the input schema. Throws Error when the ledger cannot be used.
    ToolResult (*call)(const ToolContext& context, const nlohmann::json& arguments);
};

/// Hosts cut descriptions and instructions at this many characters.
inline constexpr std::size_t kLongestGuidance = 2048;

}  // namespace atlasjob::mcp
