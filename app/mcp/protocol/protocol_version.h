#pragma once

#include <optional>
#include <string_view>

namespace atlasjob::mcp {

/// The protocol revisions that begin with `initialize`, oldest first.
enum class Revision { r2024_11_05, r2025_03_26, r2025_06_18, r2025_11_25 };

inline constexpr Revision kNewestLegacy = Revision::r2025_11_25;

std::string_view to_string(Revision revision);
std::optional<Revision> parse_revision(std::string_view text);

}  // namespace atlasjob::mcp
