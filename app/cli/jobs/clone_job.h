#pragma once

#include "cli/options/spec.h"
#include "ledger/store.h"

namespace atlasjob::cli {

/// Copies `job` into a new job of `owner`, including labels and the command with its original
/// directory, environment and input. Start time and dependencies are not copied. Throws refused if
/// the job has no command.
NewJob clone_job(Store& store, const Job& job, const Principal& owner, Time now);

/// Applies --cwd, --env and --clean-env to a command that was captured earlier.
void override_environment(CommandSpec& command, const CaptureOptions& capture);

}  // namespace atlasjob::cli
