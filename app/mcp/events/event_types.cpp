#include "mcp/events/event_types.h"

#include "ledger/transition.h"
#include "mcp/tools/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

constexpr std::string_view kInputSchema = R"({
    "type": "object",
    "properties": {
        "job_id": {"type": "string", "description": "Only events of this job"},
        "kind": {"type": "string", "minLength": 1, "maxLength": 64, "description": "Only events of jobs of this kind"}
    },
    "additionalProperties": false
})";

constexpr std::string_view kSchemaStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kJobMembers =
    R"("job_id": {"type": "string"}, "seq": {"type": "integer"}, "kind": {"type": "string"}, "name": {"type": ["string", "null"]}, "uri": {"type": "string"}, )";
constexpr std::string_view kSchemaEnd = R"(}, "required": ["job_id", "seq", "kind", "status"]})";
constexpr std::string_view kActorMember = R"(, "actor": {"type": "string"})";
constexpr std::string_view kEndMembers =
    R"(, "actor": {"type": "string"}, "reason": {"type": ["string", "null"]}, "exit_code": {"type": ["integer", "null"]}, "error": {"type": ["string", "null"]})";
constexpr std::string_view kProgressMembers =
    R"(, "progress": {"type": ["number", "null"], "minimum": 0, "maximum": 1}, "phase": {"type": ["string", "null"]}, "message": {"type": ["string", "null"]}, "current": {"type": ["integer", "null"]}, "total": {"type": ["integer", "null"]})";

template <const std::string_view& kMembers>
inline constexpr std::string_view kPayload =
    Joined<kSchemaStart, kJobMembers, kStatusMember, kMembers, kSchemaEnd>::kText;

std::string type_of(Verb verb) {
    return std::string{to_string(verb)};
}

void write_actor(JsonObject& data, const Job& /*job*/, const Event* event) {
    data.text("actor", event->actor);
}

void write_end(JsonObject& data, const Job& job, const Event* event) {
    write_actor(data, job, event);
    data.text(
        "reason",
        event->reason ? std::optional{std::string{to_string(*event->reason)}} : std::nullopt);
    data.integer(
        "exit_code", job.exit_code ? std::optional<std::int64_t>{*job.exit_code} : std::nullopt);
    data.text("error", job.error);
}

void write_progress(JsonObject& data, const Job& job, const Event* /*event*/) {
    data.number("progress", job.progress);
    data.text("phase", job.phase);
    data.text("message", job.message);
    data.integer("current", job.current);
    data.integer("total", job.total);
}

const std::array kTypes = {
    EventType{
        .name = "job.started",
        .description = "One of your jobs began to run: its first attempt or a further one.",
        .payload_schema = kPayload<kActorMember>,
        .types = {type_of(Verb::claim), type_of(Verb::start), type_of(Verb::submit)},
        .to = {Status::running},
        .write = write_actor,
    },
    EventType{
        .name = "job.progress",
        .description = "A running job of yours reported progress: its latest state, so that "
                       "reports close together become one event.",
        .payload_schema = kPayload<kProgressMembers>,
        .types = {},
        .to = {},
        .write = write_progress,
    },
    EventType{
        .name = "job.ended",
        .description = "One of your jobs ended: done, error or cancelled. A failed attempt that "
                       "will be retried does not count. For details call get_job.",
        .payload_schema = kPayload<kEndMembers>,
        .types =
            {type_of(Verb::finish), type_of(Verb::cancel), type_of(Verb::fail_dependency),
             type_of(Verb::reap)},
        .to = {Status::done, Status::error, Status::cancelled},
        .write = write_end,
    },
    EventType{
        .name = "job.cancel_requested",
        .description = "A running job of yours was asked to stop; job.ended follows.",
        .payload_schema = kPayload<kActorMember>,
        .types = {type_of(Verb::request_cancel)},
        .to = {},
        .write = write_actor,
    },
};

}  // namespace

std::span<const EventType> event_types() {
    return kTypes;
}

const EventType* find_event_type(std::string_view name) {
    const auto* const found = std::ranges::find(kTypes, name, &EventType::name);
    return found == kTypes.end() ? nullptr : found;
}

std::string_view event_input_schema() {
    return kInputSchema;
}

std::string event_data(
    const EventType& type, const Job& job, const Event* event, std::string_view job_uri) {
    std::string out;
    {
        JsonObject data{out};
        data.text("job_id", job.job_id.view());
        data.integer("seq", job.seq);
        data.text("kind", job.kind);
        data.text("name", job.name);
        data.text("uri", fmt::format("{}{}", job_uri, job.job_id.view()));
        data.text("status", to_string(event != nullptr ? event->to : job.status));
        type.write(data, job, event);
    }
    return out;
}

}  // namespace atlasjob::mcp
