#include "jobs/session.h"

#include "base/file.h"
#include "ledger/limits.h"
#include "runner/attempt/environment.h"

#include <algorithm>
#include <array>

namespace atlasjob::jobs {

namespace {

/// Hosts that name the conversation to the commands they run. The first one that is set counts.
constexpr std::array kVariables = {
    "ATLASJOB_SESSION",        // set by people, scripts and jobs; takes precedence over any host
    "CLAUDE_CODE_SESSION_ID",  // Claude Code: commands, hooks, monitors and MCP servers
    "CODEX_THREAD_ID",         // Codex: commands, not MCP servers (they get _meta)
    "GEMINI_SESSION_ID",       // Gemini CLI: hooks
    "OPENCODE_SESSION_ID",     // OpenCode: commands, if a plugin sets it
};

}  // namespace

std::optional<std::string> session_of(std::string_view text) {
    std::string session{text};
    std::ranges::replace_if(
        session, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    session = clipped(session, kMaxLine);
    return session.empty() ? std::nullopt : std::optional{std::move(session)};
}

std::optional<std::string> current_session() {
    for (const char* variable : kVariables) {
        if (const auto value = environment(variable)) return session_of(*value);
    }
    return {};
}

void set_session(NewJob& job, const std::optional<std::string>& session) {
    job.session = session;
    if (session && job.command) set_variable(job.command->environment, kSessionVariable, *session);
}

}  // namespace atlasjob::jobs
