#pragma once

#include "cli/context.h"
#include "runner/attempt/on_end.h"

namespace atlasjob::cli {

/// What runs when a job ends: our own hidden command. For every verb that may end one (on_end.h of
/// the runner says which). `any_account`: of a worker that runs jobs of any.
OnEnd on_end(const Context& context, bool any_account = false);

/// For AfterCommit::follow, of start_on_end.
inline constexpr std::string_view kNoHook = "its --on-end command was not started";

}  // namespace atlasjob::cli
