#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>

namespace atlasjob::mcp {

struct ServerOptions {
    std::string ledger;  ///< Location as the user gave it.
    /// Whom the server acts for. Nothing: every question about a job is answered with
    /// authentication_missing.
    std::optional<Principal> principal;
    std::string contract = "atlas";  ///< Whose tools it serves (contract.h).
    std::string version;             ///< Of this program, as told to clients.
};

/// Serves MCP on standard input and output until the input ends or the client is gone, and returns
/// the exit status. Opens the ledger at the first question about a job, not before, and only to
/// read. Throws Error(invalid_argument) for an unknown contract or an impossible location, before
/// anything is read, and Error(unavailable) when standard input or output break.
/// Ignores SIGPIPE from then on, in the whole process; other signals keep their meaning: there is
/// no instant at which SIGTERM does harm.
int serve(const ServerOptions& options);

}  // namespace atlasjob::mcp
