#pragma once

#include "cli/context.h"

namespace atlasjob::cli {

/// Starts what the command line asks for once more, as a program of its own (`supervise`) that
/// outlives us and that has `input`, or nothing, to read while it reads its options. Returns once
/// it has recorded the job, whose id is printed (--json: the job), or with its exit status when it
/// has said why there is none. Throws Error(unavailable).
int detach(const Context& context, const std::optional<std::string>& input);

/// The words with which a server starts a detached, interactive job, up to what is said of it.
std::vector<std::string> detached_words(const Context& context);

}  // namespace atlasjob::cli
