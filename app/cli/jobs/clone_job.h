#pragma once

#include "cli/options/spec.h"
#include "ledger/store.h"

namespace atlasjob::cli {

/// The same as `job` again, as a new job of `owner`: what it was given, its labels and its command
/// with the directory, environment and input of then. Not when it was to start and after what:
/// that was of then too. Throws refused for a job that has no command.
NewJob clone_job(Store& store, const Job& job, const Principal& owner, Time now);

/// Changes the surroundings of a command that was captured earlier, as far as `capture` says.
void override_environment(CommandSpec& command, const CaptureOptions& capture);

}  // namespace atlasjob::cli
