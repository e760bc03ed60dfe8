#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::test {

/// What the conformance suite asks for by name, as rows of the real server: plain tools, tools that
/// start jobs, a tool that waits for one.
extern const std::span<const mcp::Tool* const> kFixtureTools;
/// Resources that hold texts of the suite's own.
extern const std::span<const mcp::Resource* const> kFixtureResources;
/// Prompts with and without arguments.
extern const std::span<const mcp::Prompt* const> kFixturePrompts;

/// The result of a fixture's job at its end.
mcp::ToolResult show_ended(const mcp::ToolContext& context, const Job& job);

}  // namespace atlasjob::test
