#pragma once

#include "ledger/job.h"
#include "ledger/query.h"
#include "view/json_object.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::mcp {

/// A type of event that clients can subscribe to.
struct EventType {
    std::string_view name;
    std::string_view description;
    std::string_view payload_schema;  ///< JSON: the shape of an occurrence's data.
    /// The events of the ledger that it stands for, as EventQuery has them. No types: the type is
    /// not in the history (job.progress).
    std::vector<std::string> types;
    std::vector<Status> to;
    /// Writes the members that only this type has. `event` is null for a type that is not in the
    /// history.
    void (*write)(view::JsonObject& data, const Job& job, const Event* event);

    bool is_in_history() const { return !types.empty(); }
};

/// All types, in listing order.
std::span<const EventType> event_types();
/// nullptr if there is none.
const EventType* find_event_type(std::string_view name);

/// The arguments of a subscription, which all types share: a JSON schema.
std::string_view event_input_schema();

/// The data of an occurrence: a JSON object. `job` is the job in any detail: as the event's run
/// left it if the event ended it, otherwise as it is now.
std::string event_data(
    const EventType& type, const Job& job, const Event* event, std::string_view job_uri);

}  // namespace atlasjob::mcp
