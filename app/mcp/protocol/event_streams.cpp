#include "mcp/protocol/event_streams.h"

#include "mcp/protocol/event_error.h"
#include "mcp/protocol/methods.h"
#include "rpc/output.h"
#include "rpc/wire.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

constexpr int kPage = 100;

}  // namespace

void write_occurrence(JsonObject& object, const EventType& type, const Occurrence& occurrence) {
    object.text("eventId", occurrence.id);
    object.text("name", type.name);
    object.time("timestamp", occurrence.at);
    object.member("data") += occurrence.data_json;
}

class EventStreams::Stream {
  public:
    Stream(EventStreams& owner, EventStreamRequest request, std::string id_json)
        : owner_(owner),
          request_(std::move(request)),
          id_json_(std::move(id_json)),
          heartbeat_(owner.deps_.loop, [this] { send_heartbeat(); }) {}

    /// Throws Error if the ledger cannot be read; nothing has been sent then.
    void begin(rpc::Reply& reply) {
        // Subscribes before it reads, so that no change in between is missed.
        registration_.emplace(
            owner_.deps_.notifier.subscribe([this] { tell(); }, request_.subscription.job_id));
        const EventPage page = read(request_.cursor);
        reply_.emplace(std::move(reply));
        // The starting position is sent before the first page.
        cursor_ = request_.cursor && !page.occurrences.empty() ? *request_.cursor : page.cursor;
        send_position(page.truncated);
        tell(page);
        if (page.has_more) tell();
        const milliseconds interval = owner_.deps_.heartbeat_interval;
        heartbeat_.start(interval, interval);
    }

    bool is_of(const json& request_id) const {
        return json::parse(id_json_, nullptr, false) == request_id;
    }
    void abandon() { reply_->abandon(); }
    void end() {
        reply_->result(result_json(request_.dialect, {}, [&](JsonObject& result) {
            if (request_.dialect.envelope) return;
            // Every other dialect has no _meta of its own.
            result.member("_meta") += "{}";
        }));
    }

  private:
    EventPage read(const std::optional<std::string>& cursor) const {
        return read_events(owner_.context_, request_.subscription, cursor, kPage);
    }

    /// Tells all that has happened since the last time.
    void tell() {
        try {
            EventPage page;
            do {
                page = read(cursor_);
                if (page.truncated) {
                    cursor_ = page.cursor;
                    send_position(true);
                }
                tell(page);
            } while (page.has_more);
            is_failing_ = false;
        } catch (const Error& error) {
            // The next change, or the next poll of the ledger, tries again.
            if (!std::exchange(is_failing_, true)) send_error(error);
        }
    }

    void tell(const EventPage& page) {
        for (const Occurrence& occurrence : page.occurrences) {
            send("notifications/events/event", [&](JsonObject& params) {
                write_occurrence(params, request_.subscription.type, occurrence);
                params.text("cursor", occurrence.cursor);
            });
        }
        cursor_ = page.cursor;
    }

    void send_position(bool truncated) {
        send("notifications/events/active", [&](JsonObject& params) {
            params.text("cursor", cursor_);
            params.flag("truncated", truncated);
        });
    }

    void send_heartbeat() {
        send("notifications/events/heartbeat", [&](JsonObject& params) {
            params.text("cursor", cursor_);
        });
    }

    void send_error(const Error& error) {
        send("notifications/events/error", [&](JsonObject& params) {
            JsonObject object{params.member("error")};
            object.integer("code", rpc::kInternalError);
            object.text("message", std::string{error.what()});
        });
    }

    template <class Fill>
    void send(std::string_view method, const Fill& fill) {
        std::string out;
        {
            JsonObject params{out};
            fill(params);
            JsonObject meta{params.member("_meta")};
            meta.member("io.modelcontextprotocol/subscriptionId") += id_json_;
        }
        owner_.deps_.output.send(rpc::notification_line(method, out));
    }

    EventStreams& owner_;
    EventStreamRequest request_;
    std::string id_json_;
    std::string cursor_;
    bool is_failing_ = false;  ///< An outage has been told of.
    std::optional<rpc::Reply> reply_;
    Timer heartbeat_;
    std::optional<ChangeNotifier::Registration> registration_;
};

EventStreams::EventStreams(const ToolContext& context, const Deps& deps)
    : context_(context), deps_(deps) {}

EventStreams::~EventStreams() = default;

void EventStreams::open(EventStreamRequest request, rpc::Reply& reply) {
    auto stream = std::make_unique<Stream>(*this, std::move(request), reply.id_json());
    stream->begin(reply);
    streams_.push_back(std::move(stream));
}

void EventStreams::abandon(const json& request_id) {
    const auto found = std::ranges::find_if(
        streams_, [&](const auto& stream) { return stream->is_of(request_id); });
    if (found == streams_.end()) return;
    (*found)->abandon();
    streams_.erase(found);
}

void EventStreams::end_all() {
    for (const auto& stream : streams_)
        stream->end();
    streams_.clear();
}

}  // namespace atlasjob::mcp
