#include "mcp/server/session.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

Session::Session(const ServerOptions& options, const SessionDeps& deps)
    : ledger_(options.ledger),
      registry_(options, ledger_, deps.clock),
      notifier_(
          deps.loop,
          ledger_,
          [this](const std::set<JobId>& watched) { handlers_.reap_lost(watched); }),
      pending_calls_(
          registry_.context(), {deps.loop, notifier_, deps.output, options.progress_interval}),
      handlers_(registry_, pending_calls_, deps.loop),
      legacy_(handlers_, notifier_, deps.output, options.version),
      modern_(handlers_, notifier_, deps.output, options.version),
      dispatcher_(
          deps.output,
          [this](const rpc::Request& request, rpc::Reply& reply) { answer(request, reply); },
          [this](const rpc::Request& notification) { on_notification(notification); }) {}

void Session::answer(const rpc::Request& request, rpc::Reply& reply) {
    if (ModernProtocol::claims(request)) return modern_.answer(request, reply);
    legacy_.answer(request, reply);
}

/// Ignores all notifications but the cancelling of a request.
void Session::on_notification(const rpc::Request& notification) {
    if (notification.method != "notifications/cancelled") return;
    const auto id = notification.params.find("requestId");
    if (id == notification.params.end()) return;
    pending_calls_.abandon(*id);
    modern_.abandon(*id);
}

void Session::finish() {
    handlers_.finish();
    pending_calls_.end_all();
    modern_.end_all();
}

}  // namespace atlasjob::mcp
