#include "ledger/limits.h"
#include "mcp/events/event_page.h"
#include "mcp/protocol/event_error.h"
#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/serialize.h"
#include "mcp/schema/argument_check.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

/// The methods of MCP Events (io.modelcontextprotocol/events), the same in all protocol versions.
namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

constexpr int kDefaultEvents = 100;
constexpr std::int64_t kMaxEvents = 1000;
/// How long a client should wait before its next poll: while jobs are active, and otherwise.
constexpr milliseconds kPollActive{2000};
constexpr milliseconds kPollIdle{30'000};

void append_type(std::string& out, const EventType& type) {
    JsonObject object{out};
    object.text("name", type.name);
    object.text("description", type.description);
    object.member("delivery") += R"(["poll","push"])";
    object.member("inputSchema") += one_line(event_input_schema());
    object.member("payloadSchema") += one_line(type.payload_schema);
}

/// Answers with an error of the extension; `data_json` says more.
void refuse(rpc::Reply& reply, EventError error, std::string_view data_json = {}) {
    reply.error({code_of(error), text_of(error), data_json});
}

/// nullptr, after answering with an error, if there is no such type or no principal.
const EventType* require_type(const Call& call) {
    const EventType* const type = find_event_type(required_text(call.params(), "name"));
    if (type == nullptr) {
        refuse(call.reply, EventError::not_found, R"({"kind":"event"})");
    } else if (!call.registry().context().principal) {
        refuse(call.reply, EventError::forbidden);
        return nullptr;
    }
    return type;
}

/// nullopt if the member is missing or null. Throws Error if it is no integer in the range.
std::optional<std::int64_t> optional_integer(
    const json& params, const char* key, std::int64_t min, std::int64_t max) {
    const auto found = params.find(key);
    if (found == params.end() || found->is_null()) return {};
    const bool is_huge =
        found->is_number_unsigned() && found->get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    const bool fits = found->is_number_integer() && !is_huge;
    const std::int64_t number = fits ? found->get<std::int64_t>() : 0;
    if (!fits || number < min || number > max)
        throw Error(
            ErrorCode::invalid_argument, fmt::format("params.{} is invalid", key),
            fmt::format("it must be an integer from {} to {}", min, max));
    return number;
}

std::optional<std::string> optional_cursor(const json& params) {
    const auto found = params.find("cursor");
    if (found == params.end() || found->is_null()) return {};
    return required_text(params, "cursor");
}

/// The arguments as they count. Throws Error if they do not match the published schema.
json checked_arguments(const json& params) {
    static const ArgumentCheck check{event_input_schema()};
    const auto given = params.find("arguments");
    if (given == params.end() || given->is_null()) return json::object();
    json arguments = check.given(required_object(params, "arguments"));
    const std::string problem = check.problem(arguments);
    if (!problem.empty()) throw Error(ErrorCode::invalid_argument, "params.arguments: " + problem);
    return arguments;
}

/// Throws Error for invalid params.
EventSubscription subscription_of(const json& params, const EventType& type) {
    const json arguments = checked_arguments(params);
    EventSubscription subscription{type};
    if (const auto id = arguments.find("job_id"); id != arguments.end()) {
        subscription.job_id = JobId::parse(id->get<std::string>());
        if (!subscription.job_id)
            throw Error(
                ErrorCode::invalid_argument, "params.arguments.job_id is not a job_id",
                "pass the job_id that submitting the job returned");
    }
    if (const auto kind = arguments.find("kind"); kind != arguments.end())
        subscription.kind = kind->get<std::string>();
    if (const auto age = optional_integer(params, "maxAgeMs", 0, kMaxSpan.count()))
        subscription.max_age = milliseconds{*age};
    return subscription;
}

milliseconds next_poll(const ToolContext& context) {
    const Principal own{context.principal->name, false};
    const auto counts = context.ledger.read_or(
        std::vector<Count>{}, [&](Store& store) { return store.count(own); });
    const bool is_active =
        std::ranges::any_of(counts, [](const Count& count) { return !is_terminal(count.status); });
    return is_active ? kPollActive : kPollIdle;
}

}  // namespace

void list_event_types(const Call& call) {
    refuse_cursor(call.params());
    call.reply.result(result_json(call.dialect, kFixed, [&](JsonObject& result) {
        view::append_json_array(result.member("events"), event_types(), append_type);
    }));
}

void poll_events(const Call& call) {
    const EventType* const type = require_type(call);
    if (type == nullptr) return;
    const EventSubscription subscription = subscription_of(call.params(), *type);
    const auto limit = optional_integer(call.params(), "maxEvents", 1, INT64_MAX);
    const auto cursor = optional_cursor(call.params());
    call.registry().require_call();
    const ToolContext& context = call.registry().context();
    const EventPage page = read_events(
        context, subscription, cursor,
        static_cast<int>(std::min(limit.value_or(kDefaultEvents), kMaxEvents)));
    call.reply.result(result_json(call.dialect, {}, [&](JsonObject& result) {
        view::append_json_array(
            result.member("events"), page.occurrences,
            [&](std::string& out, const Occurrence& occurrence) {
                JsonObject object{out};
                write_occurrence(object, *type, occurrence);
            });
        result.text("cursor", page.cursor);
        result.flag("truncated", page.truncated);
        result.flag("hasMore", page.has_more);
        result.integer("nextPollMs", next_poll(context).count());
    }));
}

void stream_events(const Call& call) {
    const EventType* const type = require_type(call);
    if (type == nullptr) return;
    EventStreams& streams = call.connection.event_streams;
    if (streams.is_full())
        return refuse(
            call.reply, EventError::resource_exhausted,
            fmt::format(R"({{"limit":"subscriptions","max":{}}})", EventStreams::kMaxStreams));
    EventSubscription subscription = subscription_of(call.params(), *type);
    call.registry().require_call();
    streams.open(
        {std::move(subscription), optional_cursor(call.params()), call.dialect}, call.reply);
}

}  // namespace atlasjob::mcp
