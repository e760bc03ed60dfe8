#include "mcp/protocol/protocol_version.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

namespace {

/// Indexed by Revision.
constexpr std::array<std::string_view, 4> kRevisions = {
    "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
static_assert(kRevisions.size() == static_cast<std::size_t>(kNewestLegacy) + 1);

}  // namespace

std::string_view to_string(Revision revision) {
    return kRevisions.at(static_cast<std::size_t>(revision));
}

std::optional<Revision> parse_revision(std::string_view text) {
    const auto* const found = std::ranges::find(kRevisions, text);
    if (found == kRevisions.end()) return {};
    return static_cast<Revision>(found - kRevisions.begin());
}

}  // namespace atlasjob::mcp
