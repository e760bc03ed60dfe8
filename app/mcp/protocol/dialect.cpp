#include "mcp/protocol/dialect.h"

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

namespace {

using view::JsonObject;
using namespace std::string_view_literals;

/// The icon: a ledger page with a tick below its lines.
constexpr std::string_view kIcons =
    R"([{"src":"data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0OCA0OCI+PHJlY3QgeD0iNiIgeT0iNCIgd2lkdGg9IjM2IiBoZWlnaHQ9IjQwIiByeD0iNSIgZmlsbD0iIzFmNGU3OSIvPjxwYXRoIGQ9Ik0xNCAxNWgyME0xNCAyNGgyMCIgc3Ryb2tlPSIjZmZmIiBzdHJva2Utd2lkdGg9IjQiIHN0cm9rZS1saW5lY2FwPSJyb3VuZCIvPjxwYXRoIGQ9Ik0xNCAzNGw1IDQgOS05IiBmaWxsPSJub25lIiBzdHJva2U9IiM3ZWQ0OTEiIHN0cm9rZS13aWR0aD0iNCIgc3Ryb2tlLWxpbmVjYXA9InJvdW5kIiBzdHJva2UtbGluZWpvaW49InJvdW5kIi8+PC9zdmc+","mimeType":"image/svg+xml","sizes":["any"]}])";

}  // namespace

void write_server(std::string& out, const Dialect& dialect) {
    JsonObject server{out};
    server.text("name", "atlasjob"sv);
    if (dialect.titles) server.text("title", "atlasjob"sv);
    server.text("version", dialect.version);
    if (!dialect.icons) return;
    server.text("description", "A durable ledger of background jobs"sv);
    server.member("icons") += kIcons;
}

void open_result(JsonObject& result, const Dialect& dialect) {
    if (dialect.envelope) result.text("resultType", "complete"sv);
}

void close_result(
    JsonObject& result, const Dialect& dialect, const std::optional<Caching>& caching) {
    if (!dialect.envelope) return;
    if (caching) {
        result.integer("ttlMs", caching->time_to_live.count());
        result.text("cacheScope", caching->is_public ? "public"sv : "private"sv);
    }
    JsonObject meta{result.member("_meta")};
    write_server(meta.member("io.modelcontextprotocol/serverInfo"), dialect);
}

}  // namespace atlasjob::mcp
