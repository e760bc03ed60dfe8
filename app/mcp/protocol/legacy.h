#pragma once

#include "mcp/jobs/change_notifier.h"
#include "mcp/protocol/dialect.h"
#include "mcp/protocol/legacy_tasks.h"
#include "mcp/server/request_handlers.h"

#include <map>

namespace atlasjob::mcp {

/// The protocol versions that begin with `initialize`: 2024-11-05 to 2025-11-25. The version that
/// was negotiated applies until the next `initialize`; requests before the first one use the newest
/// of them. Not thread-safe.
class LegacyProtocol {
  public:
    /// The arguments must outlive it.
    LegacyProtocol(
        RequestHandlers& handlers,
        ChangeNotifier& notifier,
        rpc::Output& output,
        std::string version);

    /// Answers a request, at once or later from the loop. Throws Error, which the dispatcher turns
    /// into the answer.
    void answer(const rpc::Request& request, rpc::Reply& reply) const {
        methods_.answer(request, reply);
    }

  private:
    template <class Method>
    void add(const std::string& name, Method method);
    void add_resource_methods();
    void add_prompt_methods();
    std::string initialize(const nlohmann::json& params);
    std::string capabilities() const;
    void call_tool(const rpc::Request& request, rpc::Reply& reply);
    void subscribe(const rpc::Request& request, rpc::Reply& reply);
    void unsubscribe(const rpc::Request& request, rpc::Reply& reply);
    Dialect dialect() const;

    RequestHandlers& handlers_;
    ChangeNotifier& notifier_;
    rpc::Output& output_;
    std::string server_version_;
    ProtocolVersion protocol_version_ = kNewestLegacy;
    rpc::MethodTable methods_;
    LegacyTasks tasks_;
    std::map<std::string, std::unique_ptr<Subscription>> subscriptions_;  ///< By URI.
};

}  // namespace atlasjob::mcp
