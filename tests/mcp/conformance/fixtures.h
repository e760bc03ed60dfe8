#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::test {

/// The tools that the conformance suite expects by name: plain tools, tools that start jobs, and
/// one that waits for a job.
extern const std::span<const mcp::Tool* const> kFixtureTools;
/// Resources with the texts that the suite expects.
extern const std::span<const mcp::Resource* const> kFixtureResources;
/// Prompts with and without arguments.
extern const std::span<const mcp::Prompt* const> kFixturePrompts;

/// The tool result for a fixture's job that has ended.
mcp::ToolResult show_ended(const mcp::ToolContext& context, const Job& job);

}  // namespace atlasjob::test
