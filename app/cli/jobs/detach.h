#pragma once

#include "cli/context.h"

namespace atlasjob::cli {

/// Starts a background process (`supervise`) with the arguments of this one. It outlives this
/// process; its stdin is `input`, or empty. Returns 0 after the supervisor has recorded the job,
/// whose id (--json: the job) is printed, or the supervisor's exit status if it printed an error
/// instead. Throws Error(unavailable).
int detach(const Context& context, const std::optional<std::string>& input);

}  // namespace atlasjob::cli
