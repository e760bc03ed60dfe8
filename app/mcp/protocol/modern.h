#pragma once

#include "mcp/protocol/modern_tasks.h"
#include "mcp/protocol/subscription_stream.h"
#include "mcp/server/request_handlers.h"

namespace atlasjob::mcp {

/// Protocol version 2026-07-28: every request states its protocol version and its client's
/// capabilities. The only state kept between requests is the open subscriptions. Not thread-safe.
class ModernProtocol {
  public:
    /// The arguments must outlive it.
    ModernProtocol(
        RequestHandlers& handlers,
        ChangeNotifier& notifier,
        rpc::Output& output,
        std::string version);

    /// Whether a request belongs to this protocol version: it names a version in its _meta, or its
    /// method exists in this version only.
    static bool claims(const rpc::Request& request);

    /// As LegacyProtocol::answer; also refuses a request without the required _meta.
    void answer(const rpc::Request& request, rpc::Reply& reply);

    /// Drops the subscription that the request with that id opened, without an answer.
    void abandon(const nlohmann::json& request_id) { subscription_stream_.abandon(request_id); }
    /// Ends all subscriptions and answers their requests.
    void end_all() { subscription_stream_.end_all(); }

  private:
    template <class Method>
    void add(const std::string& name, Method method);
    void add_resource_methods();
    std::string discover() const;
    std::string capabilities() const;
    Dialect dialect() const;

    RequestHandlers& handlers_;
    std::string server_version_;
    ModernTasks tasks_;
    SubscriptionStream subscription_stream_;
    rpc::MethodTable methods_;
};

}  // namespace atlasjob::mcp
