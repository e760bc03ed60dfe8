#pragma once

#include "cli/context.h"
#include "runner/attempt/on_end.h"

namespace atlasjob::cli {

/// The hidden on-end command that runs when a job ends, for every command that may end one (listed
/// in on_end.h of the runner). `any_account` is for workers that run jobs of any account.
OnEnd on_end(const Context& context, bool any_account = false);

/// Consequence for AfterCommit::follow if start_owed_hooks fails.
inline constexpr std::string_view kNoHook = "its --on-end command was not started";

}  // namespace atlasjob::cli
