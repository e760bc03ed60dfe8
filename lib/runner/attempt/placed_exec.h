#pragma once

#include "process/placement.h"
#include "runner/attempt/environment.h"
#include "runner/attempt/self_exec.h"

namespace atlasjob {

/// A process of this program that was started to outlive its caller.
struct [[nodiscard]] PlacedProcess {
    ProcessHandle process;  ///< A child.
    Lifetime lifetime = Lifetime::machine;
};

/// self_exec() of a process that is to outlive this one: in a transient scope of its own where it
/// lives longer there (choose_placement), else detached. If the service manager refuses or does not
/// answer within 10 s, it is started detached, too. Returns once the process is where it stays, so
/// that the end of this process's unit does not end it.
///
/// Only what argv holds is visible in the unit; descriptors, directory, umask and environment are
/// those of self_exec(), as the scope's are restored (keep_variables).
[[nodiscard]] std::variant<PlacedProcess, SpawnFailure> placed_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options = {});

/// Keeps the variables that systemd-run and a shell change, by copies under other names in
/// `environment`. Returns the commands with which the shell restores them.
[[nodiscard]] std::string keep_variables(Environment& environment);

/// Whether the account should be told now that what it starts ends after its last logout: true once
/// between its first login and its last logout.
[[nodiscard]] bool claim_logout_warning();

/// "what was started ends after your last logout; loginctl enable-linger alice lets it go on".
[[nodiscard]] std::string logout_warning();

}  // namespace atlasjob
