#pragma once

#include "mcp/jobs/change_notifier.h"
#include "mcp/protocol/dialect.h"
#include "mcp/server/tool_registry.h"
#include "rpc/dispatcher.h"

#include <list>
#include <memory>

namespace atlasjob::mcp {

/// The open subscriptions/listen requests: each is notified of changes to the resources, the list
/// and the tasks it named, until its client or the server ends it. Not thread-safe.
class SubscriptionStream {
  public:
    /// The arguments must outlive it.
    SubscriptionStream(ToolRegistry& registry, ChangeNotifier& notifier, rpc::Output& output);
    ~SubscriptionStream();
    SubscriptionStream(const SubscriptionStream&) = delete;
    SubscriptionStream& operator=(const SubscriptionStream&) = delete;

    /// Opens a stream and acknowledges what it covers: subjects that are unknown or that the
    /// principal may not see are left out. Throws Error for invalid params, and if the ledger
    /// cannot be read.
    void open(const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect);
    /// Drops the stream of the request with that id, without an answer.
    void abandon(const nlohmann::json& request_id);
    /// Ends all streams and answers their requests.
    void end_all();

  private:
    class Stream;

    ToolRegistry& registry_;
    ChangeNotifier& notifier_;
    rpc::Output& output_;
    std::list<std::unique_ptr<Stream>> streams_;
};

}  // namespace atlasjob::mcp
