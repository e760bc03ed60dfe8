#include "mcp/server/session.h"

#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

Connection::Connection(const ServerOptions& options, const SessionDeps& deps)
    : output(deps.output),
      server_version(options.version),
      ledger(options.ledger),
      registry(options, ledger, deps.clock),
      notifier(
          deps.loop, ledger, [this](const std::set<JobId>& watched) { writes.reap_lost(watched); }),
      pending_calls(
          registry.context(), {deps.loop, notifier, deps.output, options.progress_interval}),
      writes(registry, deps.loop),
      streams(registry, notifier, deps.output),
      event_streams(
          registry.context(), {deps.loop, notifier, deps.output, options.heartbeat_interval}),
      task_notices(registry.context(), notifier, deps.output) {}

void Session::answer(const rpc::Request& request, rpc::Reply& reply) {
    const Era era = era_of(request);
    if (era == Era::modern && !accept_meta(request, reply)) return;
    const Method method = find_method(request.method, era, connection_.registry);
    if (method == nullptr) {
        reply.error({rpc::kMethodNotFound, fmt::format("method not found: {}", request.method)});
        return;
    }
    const Dialect dialect =
        era == Era::modern ? modern_dialect(connection_) : legacy_dialect(connection_);
    method({connection_, request, reply, dialect});
}

/// Ignores all notifications but the cancelling of a request.
void Session::notify(const rpc::Request& notification) {
    if (notification.method != "notifications/cancelled") return;
    const auto id = notification.params.find("requestId");
    if (id == notification.params.end()) return;
    connection_.pending_calls.abandon(*id);
    connection_.streams.abandon(*id);
    connection_.event_streams.abandon(*id);
}

void Session::finish() {
    connection_.writes.finish();
    connection_.pending_calls.end_all();
    connection_.streams.end_all();
    connection_.event_streams.end_all();
}

}  // namespace atlasjob::mcp
