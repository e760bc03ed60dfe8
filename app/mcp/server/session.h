#pragma once

#include "mcp/jobs/store_handle.h"
#include "mcp/protocol/legacy.h"
#include "mcp/protocol/modern.h"
#include "mcp/server/server.h"
#include "mcp/server/tool_registry.h"
#include "rpc/dispatcher.h"

namespace atlasjob::mcp {

/// What a session depends on; must outlive it.
struct SessionDeps {
    const Clock& clock;
    Loop& loop;
    rpc::Output& output;
};

/// One client's connection, used by serve(). Each message selects its protocol version: legacy or
/// modern.
class Session {
  public:
    /// Throws as serve() does. The arguments must outlive it.
    Session(const ServerOptions& options, const SessionDeps& deps);

    /// Handles one message; its answer is sent at once or later from the loop. Never throws.
    void receive(const rpc::LineBuffer::Line& line) { dispatcher_.receive(line); }
    /// Called at the end of the input: answers waiting requests with the current state and ends
    /// subscriptions.
    void finish();

  private:
    void answer(const rpc::Request& request, rpc::Reply& reply);
    void on_notification(const rpc::Request& notification);

    StoreHandle ledger_;
    ToolRegistry registry_;
    ChangeNotifier notifier_;
    PendingCalls pending_calls_;
    RequestHandlers handlers_;
    LegacyProtocol legacy_;
    ModernProtocol modern_;
    rpc::Dispatcher dispatcher_;
};

}  // namespace atlasjob::mcp
