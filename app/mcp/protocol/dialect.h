#pragma once

#include "base/time.h"
#include "view/json_object.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// The protocol versions that begin with `initialize`, oldest first.
enum class ProtocolVersion { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25 };

inline constexpr ProtocolVersion kNewestLegacy = ProtocolVersion::v2025_11_25;

std::string_view to_string(ProtocolVersion version);
std::optional<ProtocolVersion> parse_protocol_version(std::string_view text);

/// How a protocol version writes results: which members it has, and the envelope around them.
struct Dialect {
    bool annotations = true;    ///< Tool annotations: since 2025-03-26.
    bool titles = true;         ///< `title`: since 2025-06-18.
    bool structured = true;     ///< outputSchema and structuredContent: since 2025-06-18.
    bool icons = true;          ///< Icons and description of the server: since 2025-11-25.
    bool task_support = false;  ///< Tools declare their task support: in 2025-11-25 only.
    bool envelope = false;      ///< resultType, caching and serverInfo: since 2026-07-28.
    int resource_not_found = -32602;
    std::string_view version;  ///< The program's version.
};

/// How long a client may cache a result, and whether it may share it between users.
struct Caching {
    milliseconds time_to_live{0};
    bool is_public = false;
};

/// Writes the server's name, version and, if the dialect has them, title, description and icons.
void write_server(std::string& out, const Dialect& dialect);

/// Write the envelope before and after a result's own members.
void open_result(view::JsonObject& result, const Dialect& dialect);
void close_result(
    view::JsonObject& result, const Dialect& dialect, const std::optional<Caching>& caching);

/// A complete result; `fill(object)` writes its own members.
template <class Fill>
std::string result_json(
    const Dialect& dialect, const std::optional<Caching>& caching, const Fill& fill) {
    std::string out;
    {
        view::JsonObject result{out};
        open_result(result, dialect);
        fill(result);
        close_result(result, dialect, caching);
    }
    return out;
}

}  // namespace atlasjob::mcp
