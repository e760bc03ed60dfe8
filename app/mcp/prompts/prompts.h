#pragma once

#include "mcp/prompts/prompt.h"

namespace atlasjob::mcp {

extern const Prompt kDiagnoseJob;

}  // namespace atlasjob::mcp
