#pragma once

#include "mcp/protocol/modern_tasks.h"
#include "mcp/protocol/subscription_stream.h"
#include "mcp/server/request_handlers.h"

namespace atlasjob::mcp {

/// The era of 2026-07-28: every request says for itself which revision it speaks and what its
/// client can do, and nothing is remembered between two of them but the subscriptions that are
/// open. One thread.
class ModernProtocol {
  public:
    /// Everything given must outlive it.
    ModernProtocol(
        RequestHandlers& service, ChangeNotifier& watch, rpc::Output& output, std::string version);

    /// Whether a request is one of this era: it says so, or is one that no other has.
    static bool claims(const rpc::Request& request);

    /// As the legacy era's; a request that does not say what every one must is refused.
    void answer(const rpc::Request& request, rpc::Reply& reply);

    /// Ends the subscription that the request with that id opened, without an answer.
    void abandon(const nlohmann::json& request_id) { listens_.abandon(request_id); }
    /// Ends all subscriptions, and says so.
    void end_all() { listens_.end_all(); }

  private:
    template <class Method>
    void add(const std::string& name, Method method);
    void add_resource_methods();
    std::string discover() const;
    std::string capabilities() const;
    Dialect dialect() const;

    RequestHandlers& service_;
    std::string version_;
    ModernTasks tasks_;
    SubscriptionStream listens_;
    rpc::MethodTable methods_;
};

}  // namespace atlasjob::mcp
