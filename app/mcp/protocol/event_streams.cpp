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
          file_(ledger_file()),
          sent_until_(owner.context_.clock.now()),
          heartbeat_(owner.deps_.loop, [this] { send_heartbeat(); }) {}

    /// Throws Error if the ledger cannot be read; nothing has been sent then.
    void begin(rpc::Reply& reply) {
        // Subscribes before it reads, so that no change in between is missed.
        registration_.emplace(owner_.deps_.notifier.subscribe(
            [this] { send_new_events(); }, request_.subscription.job_id));
        EventPage page = read(request_.cursor);
        // Old events are left out of what the client catches up with, not of what happens now.
        request_.subscription.max_age.reset();
        reply_.emplace(std::move(reply));
        cursor_ = request_.cursor.value_or(page.cursor);
        const bool has_more = page.has_more;
        send_page(std::move(page), true);
        if (has_more) send_new_events();
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

    /// Sends all that has happened since the last time.
    void send_new_events() {
        try {
            if (ledger_is_replaced()) restart();
            bool has_more = true;
            while (has_more) {
                EventPage page = read(cursor_);
                has_more = page.has_more;
                send_page(std::move(page), false);
            }
            is_failing_ = false;
        } catch (const Error& error) {
            // The next change, or the next poll of the ledger, tries again.
            if (!std::exchange(is_failing_, true)) send_error(error);
        }
    }

    bool ledger_is_replaced() {
        const bool is_replaced = file_.is_replaced();
        // There was no file if the ledger did not exist yet.
        if (is_replaced || file_.text().empty()) file_ = ledger_file();
        return is_replaced;
    }
    PathIdentity ledger_file() const { return owner_.context_.ledger.address().identity(); }

    /// The event numbers of another file are unrelated, so events later than those already sent
    /// count as new. A time, as the cursor of job.progress, stays what it is.
    void restart() {
        is_restarted_ = true;
        known_until_ = sent_until_;
        if (request_.subscription.type.is_in_history()) cursor_ = "0";
    }

    /// Sends the position if the client must know it, then the events. A position lies before the
    /// events that follow it, so that a client which continues from there misses none.
    void send_page(EventPage page, bool is_first) {
        std::erase_if(page.occurrences, [this](const Occurrence& occurrence) {
            return known_until_ && occurrence.at <= *known_until_;
        });
        const bool truncated = std::exchange(is_restarted_, false) || page.truncated;
        if (page.occurrences.empty()) cursor_ = page.cursor;
        if (truncated || is_first) send_position(truncated);
        for (const Occurrence& occurrence : page.occurrences) {
            send("notifications/events/event", [&](JsonObject& params) {
                write_occurrence(params, request_.subscription.type, occurrence);
                params.text("cursor", occurrence.cursor);
            });
            sent_until_ = std::max(sent_until_, occurrence.at);
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
    PathIdentity file_;  ///< The ledger that the cursor is of.
    std::string cursor_;
    /// Time of the last event sent, or of the beginning: the client has what happened until then,
    /// or did not want it.
    Time sent_until_;
    /// Events up to here were sent from an earlier file of the ledger.
    std::optional<Time> known_until_;
    bool is_restarted_ = false;  ///< The client has not been sent the new position yet.
    bool is_failing_ = false;    ///< An outage has been reported.
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
