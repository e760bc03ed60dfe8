#pragma once

#include "mcp/resources/resource.h"

namespace atlasjob::mcp {

// The resources other than single jobs (atlas://job/{job_id}, defined by the contract).

extern const Resource kJobLog;
extern const Resource kJobStatistics;

}  // namespace atlasjob::mcp
