#pragma once

#include <optional>
#include <string_view>

namespace atlasjob::mcp {

/// The protocol versions that begin with `initialize`, oldest first.
enum class ProtocolVersion { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25 };

inline constexpr ProtocolVersion kNewestLegacy = ProtocolVersion::v2025_11_25;

std::string_view to_string(ProtocolVersion version);
std::optional<ProtocolVersion> parse_protocol_version(std::string_view text);

}  // namespace atlasjob::mcp
