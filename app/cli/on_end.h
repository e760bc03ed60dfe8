#pragma once

#include "cli/context.h"
#include "runner/on_end.h"

namespace atlasjob::cli {

/// What runs when a job ends: our own hidden command. For every verb that may end one (on_end.h of
/// the runner says which).
OnEnd on_end(const Context& context);

}  // namespace atlasjob::cli
