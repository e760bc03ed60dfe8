#pragma once

#include "cli/context.h"

namespace atlasjob::cli {

/// Submits a job and, where the store cannot say whether the commit happened, asks a fresh
/// connection for the job's id before anything is told. Throws outcome_unknown when that cannot
/// tell either.
Submitted record(const Context& context, Store& store, const NewJob& job);

}  // namespace atlasjob::cli
