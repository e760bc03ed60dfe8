#pragma once

#include "mcp/events/event_page.h"

#include <string_view>

namespace atlasjob::mcp {

/// The extension's name in the capabilities of a server.
inline constexpr std::string_view kEventsExtension = "io.modelcontextprotocol/events";

/// The errors that the extension defines besides invalid params (SEP-3415).
enum class EventError { not_found, forbidden, resource_exhausted };

constexpr int code_of(EventError error) {
    switch (error) {
        case EventError::not_found:
            return -32023;
        case EventError::forbidden:
            return -32024;
        case EventError::resource_exhausted:
            break;
    }
    return -32025;
}

constexpr std::string_view text_of(EventError error) {
    switch (error) {
        case EventError::not_found:
            return "NotFound: there is no such event type; see events/list";
        case EventError::forbidden:
            return "Forbidden: this server acts for no principal";
        case EventError::resource_exhausted:
            break;
    }
    return "ResourceExhausted: too many open streams; cancel one of them";
}

/// Writes the members of an occurrence that a poll and a notification share.
void write_occurrence(
    view::JsonObject& object, const EventType& type, const Occurrence& occurrence);

}  // namespace atlasjob::mcp
