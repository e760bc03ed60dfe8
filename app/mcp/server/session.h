#pragma once

#include "mcp/server/connection.h"
#include "rpc/dispatcher.h"

namespace atlasjob::mcp {

/// One client's connection, used by serve(): passes each message to the method of its protocol
/// version (methods.h).
class Session final : private rpc::RequestReceiver {
  public:
    /// Throws as serve() does. The arguments must outlive it.
    Session(const ServerOptions& options, const SessionDeps& deps)
        : connection_(options, deps), dispatcher_(deps.output, *this) {}

    /// Handles one message; its answer is sent at once or later from the loop. Never throws.
    void receive(const rpc::LineBuffer::Line& line) { dispatcher_.receive(line); }
    /// Called at the end of the input: answers waiting requests with the current state and ends
    /// subscriptions.
    void finish();

  private:
    void answer(const rpc::Request& request, rpc::Reply& reply) override;
    void notify(const rpc::Request& notification) override;

    Connection connection_;
    rpc::Dispatcher dispatcher_;
};

}  // namespace atlasjob::mcp
