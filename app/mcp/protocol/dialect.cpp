#include "mcp/protocol/dialect.h"

namespace atlasjob::mcp {

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
