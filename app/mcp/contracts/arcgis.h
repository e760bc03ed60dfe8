#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// get_gp_task_job_status, as published for ArcGIS geoprocessing services. A job belongs to the
/// task in its target: {"task_url": …}.
extern const Contract kArcgis;

}  // namespace atlasjob::mcp
