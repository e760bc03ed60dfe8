#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// get_job_status and atlas://job/{job_id}, as published by Beever Atlas; `kind` is the job's own.
extern const Contract kAtlas;

}  // namespace atlasjob::mcp
