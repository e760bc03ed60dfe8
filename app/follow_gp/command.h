#pragma once

#include "cli/command.h"

namespace atlasjob::follow_gp {

/// The only command of the program atlasjob-follow-gp.
extern const cli::CommandRow kFollowGp;

}  // namespace atlasjob::follow_gp
