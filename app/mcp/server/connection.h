#pragma once

#include "mcp/jobs/change_notifier.h"
#include "mcp/jobs/pending_call.h"
#include "mcp/jobs/store_handle.h"
#include "mcp/protocol/dialect.h"
#include "mcp/protocol/event_streams.h"
#include "mcp/protocol/subscription_stream.h"
#include "mcp/protocol/task_notices.h"
#include "mcp/server/server.h"
#include "mcp/server/tool_registry.h"
#include "mcp/server/write_queue.h"

#include <map>
#include <memory>
#include <string>

namespace atlasjob::mcp {

/// What a session depends on; must outlive it.
struct SessionDeps {
    const Clock& clock;
    Loop& loop;
    rpc::Output& output;
};

/// The parts and the state of one client's connection, for the methods in protocol/. Declared in
/// the order of their dependencies: destruction runs in reverse. Not thread-safe.
struct Connection {
    /// Throws as serve() does. The arguments must outlive it.
    Connection(const ServerOptions& options, const SessionDeps& deps);

    rpc::Output& output;
    std::string server_version;
    StoreHandle ledger;
    ToolRegistry registry;
    ChangeNotifier notifier;
    PendingCalls pending_calls;
    WriteQueue writes;
    /// The legacy version that was negotiated last; before that, the newest of them.
    ProtocolVersion legacy_version = kNewestLegacy;
    std::map<std::string, std::unique_ptr<Subscription>> subscriptions;  ///< Legacy ones, by URI.
    SubscriptionStream streams;
    EventStreams event_streams;
    TaskNotices task_notices;
};

}  // namespace atlasjob::mcp
