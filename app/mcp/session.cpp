#include "mcp/session.h"

namespace atlasjob::mcp {

Session::Session(const ServerOptions& options, rpc::Output& output)
    : ledger_(options.ledger),
      core_(require_contract(options.contract), ledger_, options.principal),
      legacy_(core_, options.version),
      dispatcher_(output, [this](const rpc::Request& request, rpc::Reply& reply) {
          legacy_.answer(request, reply);
      }) {}

}  // namespace atlasjob::mcp
