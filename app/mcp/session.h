#pragma once

#include "mcp/core.h"
#include "mcp/ledger_access.h"
#include "mcp/legacy.h"
#include "mcp/server.h"
#include "rpc/dispatcher.h"

namespace atlasjob::mcp {

/// One client's conversation: what serve() puts between the two ends of a pipe.
class Session {
  public:
    /// Throws as serve() does. All that is given must outlive it.
    Session(const ServerOptions& options, const Clock& clock, rpc::Output& output);

    /// Takes one message and sends the answer it deserves. Never throws.
    void receive(const rpc::LineBuffer::Line& line) { dispatcher_.receive(line); }

  private:
    LedgerAccess ledger_;
    Core core_;
    LegacyEra legacy_;
    rpc::Dispatcher dispatcher_;
};

}  // namespace atlasjob::mcp
