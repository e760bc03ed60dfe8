#pragma once

#include "mcp/jobs/subscription.h"
#include "mcp/protocol/legacy_tasks.h"
#include "mcp/protocol/protocol_version.h"
#include "mcp/server/request_handlers.h"

#include <map>

namespace atlasjob::mcp {

/// The era of `initialize`: 2024-11-05 to 2025-11-25. The revision agreed on holds for the process;
/// requests that come before are served as the newest one. One thread.
class LegacyProtocol {
  public:
    /// Everything given must outlive it.
    LegacyProtocol(
        RequestHandlers& service, ChangeNotifier& watch, rpc::Output& output, std::string version);

    /// Answers a request, at once or once what it waits for has come. Throws Error, which the
    /// dispatcher turns into the answer.
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

    RequestHandlers& service_;
    ChangeNotifier& watch_;
    rpc::Output& output_;
    std::string version_;
    Revision revision_ = kNewestLegacy;
    rpc::MethodTable methods_;
    LegacyTasks tasks_;
    std::map<std::string, std::unique_ptr<Subscription>> subscriptions_;  ///< By URI.
};

}  // namespace atlasjob::mcp
