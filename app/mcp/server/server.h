#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

struct ServerOptions {
    std::string ledger;  ///< Location as the user gave it.
    /// Whom the server acts for. Nothing: every question about a job is answered with
    /// authentication_missing.
    std::optional<Principal> principal = std::nullopt;
    std::string contract = "atlas";  ///< Whose tools it serves (contract.h).
    std::string version;             ///< Of this program, as told to clients.
    Permissions allowed = {};
    std::string actions_file = {};  ///< Empty: none.
    bool extended = false;          ///< ToolContext::extended.
    /// How often a minute tools may be called and resources read; nothing: as often as one likes.
    std::optional<int> calls_per_minute = std::nullopt;
    LaunchConfig launching = {};
    milliseconds longest_wait = std::chrono::minutes{30};  ///< Of one wait.
    /// How often those who wait and gave a token are told how far the job is. Hosts that wait for a
    /// sign of life are content with one every 10 s.
    milliseconds progress_interval = std::chrono::seconds{5};
};

/// Serves MCP on standard input and output until the input ends or the client is gone, and returns
/// the exit status. Opens the ledger at the first question about a job, not before, and to write
/// only when a tool that writes is called. Throws Error(invalid_argument) for an unknown contract,
/// an impossible location or an actions file that is wrong, before anything is read, and
/// Error(unavailable) when standard input or output break.
/// Ignores SIGPIPE from then on, in the whole process, and SIGCHLD, so that the workers it starts
/// leave no zombies; other signals keep their meaning: there is no instant at which SIGTERM does
/// harm.
int serve(const ServerOptions& options);

}  // namespace atlasjob::mcp
