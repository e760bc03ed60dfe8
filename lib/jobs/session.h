#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::jobs {

/// The session that a host's own text names, made valid: one line of at most 1024 bytes of UTF-8.
/// What other programs set must not make a submit fail. nullopt if it is empty.
[[nodiscard]] std::optional<std::string> session_of(std::string_view text);

/// The session that this process belongs to: the value of ATLASJOB_SESSION, else of the variable by
/// which an agent's host names its conversation to the programs it starts (the table in
/// session.cpp), as session_of() makes it valid. nullopt if none is set. Must not be called while
/// another thread may change the environment.
[[nodiscard]] std::optional<std::string> current_session();

/// Sets the session of a job, and names it in the environment of its command, so that jobs
/// submitted from there belong to it, too. Call it once `job.command` is set.
void set_session(NewJob& job, const std::optional<std::string>& session);

}  // namespace atlasjob::jobs
