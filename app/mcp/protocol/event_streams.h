#pragma once

#include "event/loop.h"
#include "mcp/events/event_page.h"
#include "mcp/jobs/change_notifier.h"
#include "mcp/protocol/dialect.h"
#include "rpc/reply.h"

#include <nlohmann/json_fwd.hpp>

#include <list>
#include <memory>

namespace atlasjob::rpc {
class Output;
}

namespace atlasjob::mcp {

/// A request for a stream of events.
struct EventStreamRequest {
    EventSubscription subscription;
    std::optional<std::string> cursor;
    Dialect dialect;
};

/// The open events/stream requests: sends each its events as they are committed, and heartbeats
/// with its position, until its client or the server ends it. If the ledger is replaced or
/// restored, continues with what is new in it, and reports the stream as truncated. Used from the
/// loop's thread only.
class EventStreams {
  public:
    struct Deps {
        Loop& loop;
        ChangeNotifier& notifier;
        rpc::Output& output;
        milliseconds heartbeat_interval;
    };

    /// Streams of one connection.
    static constexpr std::size_t kMaxStreams = 1000;

    /// The arguments, and what `deps` refers to, must outlive it.
    EventStreams(const ToolContext& context, const Deps& deps);
    ~EventStreams();
    EventStreams(const EventStreams&) = delete;
    EventStreams& operator=(const EventStreams&) = delete;

    bool is_full() const { return streams_.size() >= kMaxStreams; }
    /// Confirms the stream with its position and sends what has happened since the cursor. Takes
    /// the reply over. Throws Error if the ledger cannot be read.
    void open(EventStreamRequest request, rpc::Reply& reply);
    /// Drops the stream of the request with that id, without an answer.
    void abandon(const nlohmann::json& request_id);
    /// Ends all streams and answers their requests.
    void end_all();

  private:
    class Stream;

    const ToolContext& context_;
    Deps deps_;
    std::list<std::unique_ptr<Stream>> streams_;
};

}  // namespace atlasjob::mcp
