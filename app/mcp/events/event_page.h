#pragma once

#include "mcp/events/event_types.h"
#include "mcp/tools/tool.h"

#include <optional>
#include <string>
#include <vector>

namespace atlasjob::mcp {

/// What a client asks for with every poll, or once for a stream.
struct EventSubscription {
    const EventType& type;
    std::optional<JobId> job_id = std::nullopt;
    std::optional<std::string> kind = std::nullopt;
    std::optional<milliseconds> max_age = std::nullopt;  ///< Older events are left out.
};

struct Occurrence {
    std::string id;  ///< The same from every server process, however often it is sent.
    Time at;
    std::string data_json;
    std::string cursor;  ///< The position after it.
};

struct EventPage {
    std::vector<Occurrence> occurrences;  ///< Oldest first.
    std::string cursor;                   ///< Where the next page begins.
    bool truncated = false;               ///< Events before these may be missing.
    bool has_more = false;
};

/// What has happened to the principal's own jobs since the cursor, at most `max_events`. Without a
/// cursor the page is empty and its cursor is the current position; so also, and `truncated`, for a
/// cursor that this ledger did not give. The principal must be set. Throws Error if the ledger
/// cannot be read.
EventPage read_events(
    const ToolContext& context,
    const EventSubscription& subscription,
    const std::optional<std::string>& cursor,
    int max_events);

}  // namespace atlasjob::mcp
