#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

struct ServerOptions {
    std::string ledger;  ///< The address as the user gave it.
    /// Whom the server acts for. If nullopt, every call about a job is answered with
    /// authentication_missing.
    std::optional<Principal> principal = std::nullopt;
    std::string contract = "atlas";  ///< Which contract it serves (contract.h).
    std::string version;             ///< The program's version, as reported to clients.
    Permissions allowed = {};
    std::string actions_file = {};  ///< Empty for none.
    bool extended = false;          ///< ToolContext::extended.
    /// Limit on tool calls and resource reads per minute; nullopt for no limit.
    std::optional<int> calls_per_minute = std::nullopt;
    LaunchConfig launching = {};
    milliseconds longest_wait = std::chrono::minutes{30};  ///< Limit of a single wait.
    /// Time between two progress notifications for a waiting request that gave a token. Hosts that
    /// expect a sign of life accept one every 10 s.
    milliseconds progress_interval = std::chrono::seconds{5};
    /// Time between two signs of life of a stream of events; the extension asks for one every 30 s.
    milliseconds heartbeat_interval = std::chrono::seconds{20};
};

/// Serves MCP on standard input and output until the input ends or the client is gone, and returns
/// the exit status. Opens the ledger at the first request that needs it, for writing only when a
/// tool that writes is called. Throws Error(invalid_argument) for an unknown contract, an invalid
/// address or an invalid actions file, before reading any input, and Error(unavailable) if
/// standard input or output fails. Ignores SIGPIPE and SIGCHLD in the whole process from then on,
/// the latter so that the workers it starts leave no zombies. Other signals keep their disposition:
/// SIGTERM is safe at any time.
int serve(const ServerOptions& options);

}  // namespace atlasjob::mcp
