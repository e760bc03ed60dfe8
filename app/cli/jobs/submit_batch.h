#pragma once

#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/spec.h"

namespace atlasjob::cli {

struct BatchRequest {
    std::string file;      ///< "-" is standard input.
    const Spec& defaults;  ///< For options that a line does not set.
};

/// Submits the jobs of a batch (batch.h) in one transaction and prints their ids in order. Returns
/// the exit status. Throws invalid_argument for the first bad line and then submits nothing.
int submit_batch(const Context& context, const JobVerbs& verbs, const BatchRequest& request);

}  // namespace atlasjob::cli
