#pragma once

#include "mcp/resources/resource.h"

namespace atlasjob::mcp {

// What can be read besides single jobs (atlas://job/{job_id}, whose text is the contract's own).

extern const Resource kJobLog;
extern const Resource kJobStatistics;

}  // namespace atlasjob::mcp
