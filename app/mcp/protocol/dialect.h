#pragma once

#include "base/time.h"
#include "view/json_object.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// How a revision of the protocol writes what the core knows: which members it has, and what stands
/// around them.
struct Dialect {
    bool annotations = true;    ///< Tool annotations: from 2025-03-26.
    bool titles = true;         ///< `title`: from 2025-06-18.
    bool structured = true;     ///< outputSchema and structuredContent: from 2025-06-18.
    bool icons = true;          ///< From 2025-11-25, as what else describes the server.
    bool task_support = false;  ///< Whether a tool says so itself: in 2025-11-25 alone.
    bool envelope = false;      ///< resultType, caching and who answers: from 2026-07-28.
    int resource_not_found = -32602;
    std::string_view version;  ///< Of this program.
};

/// How long a client may keep a result, and whether others of its users may see it.
struct Caching {
    milliseconds time_to_live{0};
    bool is_public = false;
};

/// The name, version and looks of this server, as far as the revision has them.
void write_server(std::string& out, const Dialect& dialect);

/// What stands around a result's own members.
void open_result(view::JsonObject& result, const Dialect& dialect);
void close_result(
    view::JsonObject& result, const Dialect& dialect, const std::optional<Caching>& caching);

/// A whole result; `fill(object)` writes its own members.
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
