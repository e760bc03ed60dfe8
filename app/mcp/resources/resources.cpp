#include "mcp/resources/resources.h"

namespace atlasjob::mcp {

std::optional<std::string_view> match(const Resource& resource, std::string_view uri) {
    if (!resource.is_template()) {
        return uri == resource.uri ? std::optional{std::string_view{}} : std::nullopt;
    }
    const std::size_t open = resource.uri.find('{');
    const std::string_view before = resource.uri.substr(0, open);
    const std::string_view after = resource.uri.substr(resource.uri.find('}', open) + 1);
    if (uri.size() <= before.size() + after.size()) return {};
    if (!uri.starts_with(before) || !uri.ends_with(after)) return {};
    const auto value = uri.substr(before.size(), uri.size() - before.size() - after.size());
    // A simple expansion (RFC 6570, 3.2.2) contains no slash: such a URI is another resource.
    return value.find('/') == std::string_view::npos ? std::optional{value} : std::nullopt;
}

}  // namespace atlasjob::mcp
