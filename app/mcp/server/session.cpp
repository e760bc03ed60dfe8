#include "mcp/server/session.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

Session::Session(const ServerOptions& options, const SessionDeps& place)
    : ledger_(options.ledger),
      core_(options, ledger_, place.clock),
      watch_(
          place.loop,
          ledger_,
          [this](const std::set<JobId>& watched) { service_.reap_lost(watched); }),
      waits_(core_.context(), {place.loop, watch_, place.output, options.progress_interval}),
      service_(core_, waits_, place.loop),
      legacy_(service_, watch_, place.output, options.version),
      modern_(service_, watch_, place.output, options.version),
      dispatcher_(
          place.output,
          [this](const rpc::Request& request, rpc::Reply& reply) { answer(request, reply); },
          [this](const rpc::Request& notification) { hear(notification); }) {}

void Session::answer(const rpc::Request& request, rpc::Reply& reply) {
    if (ModernProtocol::claims(request)) return modern_.answer(request, reply);
    legacy_.answer(request, reply);
}

/// Of all that clients tell, only that they no longer want an answer matters here.
void Session::hear(const rpc::Request& notification) {
    if (notification.method != "notifications/cancelled") return;
    const auto id = notification.params.find("requestId");
    if (id == notification.params.end()) return;
    waits_.abandon(*id);
    modern_.abandon(*id);
}

void Session::finish() {
    service_.finish();
    waits_.end_all();
    modern_.end_all();
}

}  // namespace atlasjob::mcp
