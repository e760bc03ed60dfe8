#include "mcp/session.h"

namespace atlasjob::mcp {

Session::Session(const ServerOptions& options, const Clock& clock, rpc::Output& output)
    : ledger_(options.ledger),
      core_(options, ledger_, clock),
      legacy_(core_, options.version),
      dispatcher_(output, [this](const rpc::Request& request, rpc::Reply& reply) {
          legacy_.answer(request, reply);
      }, [](const rpc::Request&) {}) {}

}  // namespace atlasjob::mcp
