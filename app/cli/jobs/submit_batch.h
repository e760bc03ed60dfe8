#pragma once

#include "cli/context.h"
#include "cli/jobs/ensure_worker.h"
#include "cli/options/spec.h"

namespace atlasjob::cli {

struct BatchRequest {
    std::string file;      ///< "-": standard input.
    const Spec& defaults;  ///< What holds where a line says nothing else.
};

/// Submits the jobs of a batch (batch.h) as one step and prints their ids in order. Returns the
/// exit status. Throws invalid_argument that names the first bad line; nothing is submitted then.
int submit_batch(const Context& context, const OnDemandWorker& worker, const BatchRequest& request);

}  // namespace atlasjob::cli
