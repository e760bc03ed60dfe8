#include "mcp/protocol/protocol_version.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

namespace {

/// Indexed by ProtocolVersion.
constexpr std::array<std::string_view, 4> kProtocolVersions = {
    "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
static_assert(kProtocolVersions.size() == static_cast<std::size_t>(kNewestLegacy) + 1);

}  // namespace

std::string_view to_string(ProtocolVersion version) {
    return kProtocolVersions.at(static_cast<std::size_t>(version));
}

std::optional<ProtocolVersion> parse_protocol_version(std::string_view text) {
    const auto* const found = std::ranges::find(kProtocolVersions, text);
    if (found == kProtocolVersions.end()) return {};
    return static_cast<ProtocolVersion>(found - kProtocolVersions.begin());
}

}  // namespace atlasjob::mcp
