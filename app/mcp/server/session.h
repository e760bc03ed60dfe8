#pragma once

#include "mcp/jobs/store_handle.h"
#include "mcp/protocol/legacy.h"
#include "mcp/protocol/modern.h"
#include "mcp/server/server.h"
#include "mcp/server/tool_registry.h"
#include "rpc/dispatcher.h"

namespace atlasjob::mcp {

/// Where a session lives: its time, its loop, and the way to its client.
struct SessionDeps {
    const Clock& clock;
    Loop& loop;
    rpc::Output& output;
};

/// One client's conversation: what serve() puts between the two ends of a pipe. Both eras share it,
/// a message at a time.
class Session {
  public:
    /// Throws as serve() does. All that is given must outlive it.
    Session(const ServerOptions& options, const SessionDeps& place);

    /// Takes one message and sends the answer it deserves, now or later from the loop. Never
    /// throws.
    void receive(const rpc::LineBuffer::Line& line) { dispatcher_.receive(line); }
    /// The client says no more: what waits is answered as of now, and subscriptions are ended.
    void finish();

  private:
    void answer(const rpc::Request& request, rpc::Reply& reply);
    void hear(const rpc::Request& notification);

    StoreHandle ledger_;
    ToolRegistry core_;
    ChangeNotifier watch_;
    PendingCalls waits_;
    RequestHandlers service_;
    LegacyProtocol legacy_;
    ModernProtocol modern_;
    rpc::Dispatcher dispatcher_;
};

}  // namespace atlasjob::mcp
