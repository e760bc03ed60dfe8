#pragma once

#include "mcp/prompt.h"

namespace atlasjob::mcp {

extern const Prompt kDiagnoseJob;

}  // namespace atlasjob::mcp
