#pragma once

#include "cli/command.h"

namespace atlasjob::follow_gp {

/// The program, which is one command.
extern const cli::CommandRow kFollowGp;

}  // namespace atlasjob::follow_gp
