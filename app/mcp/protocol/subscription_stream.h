#pragma once

#include "mcp/jobs/subscription.h"
#include "mcp/server/request_handlers.h"

#include <list>
#include <memory>

namespace atlasjob::mcp {

/// The requests subscriptions/listen that are open: each hears of the resources, the list and the
/// tasks it named until its client or the server ends it. One thread.
class SubscriptionStream {
  public:
    /// Everything given must outlive it.
    SubscriptionStream(RequestHandlers& service, ChangeNotifier& watch, rpc::Output& output);
    ~SubscriptionStream();
    SubscriptionStream(const SubscriptionStream&) = delete;
    SubscriptionStream& operator=(const SubscriptionStream&) = delete;

    /// Acknowledges what it will tell: what is unknown or not the principal's to see is left out.
    /// Throws Error for params of another form, and when the ledger cannot be read.
    void open(const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect);
    /// Ends the one of that id, without an answer.
    void abandon(const nlohmann::json& request_id);
    /// Answers all: the server ends them.
    void end_all();

  private:
    class Stream;

    RequestHandlers& service_;
    ChangeNotifier& watch_;
    rpc::Output& output_;
    std::list<std::unique_ptr<Stream>> all_;
};

}  // namespace atlasjob::mcp
