#pragma once

#include "ledger/address.h"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// Entries "NAME=value", as passed to a process.
using Environment = std::vector<std::string>;

/// The variable that names the ledger in the environment of commands and of atlasjob itself.
inline constexpr std::string_view kLedgerVariable = "ATLASJOB_LEDGER";

/// The variable that names the session in the environment of atlasjob and of on-end hooks.
inline constexpr std::string_view kSessionVariable = "ATLASJOB_SESSION";

/// The value of `name`; a view with null data() if it is not set.
[[nodiscard]] std::string_view find_variable(const Environment& environment, std::string_view name);
/// Sets `name`, in place if it exists, else at the end.
void set_variable(Environment& environment, std::string_view name, std::string_view value);

/// What a running command learns about its attempt from its environment.
struct CommandContext {
    std::string job_id;
    int attempt = 0;
    LedgerAddress ledger;
    std::string principal;
};

/// The descriptor of the report channel in every command. One digit, as dash requires in `>&3`.
inline constexpr int kReportDescriptor = 3;

/// Removes all variables of set_context(), so that they do not reach another attempt.
void remove_context(Environment& environment);
/// Removes ATLASJOB_JOB_ID, _ATTEMPT and _REPORT_FD, but keeps the ledger and the principal.
void remove_attempt(Environment& environment);
/// Sets ATLASJOB_JOB_ID, _ATTEMPT, _LEDGER, _PRINCIPAL and _REPORT_FD.
void set_context(Environment& environment, const CommandContext& context);
/// The entry by which workers, slots, supervisors and on-end runners are recognized (self_exec.h).
/// Commands never have it: remove_context removes it, too.
[[nodiscard]] std::string ledger_process_mark();
/// Whether the initial environment of a process names a job, as those of commands and hooks do.
/// True if it cannot be read.
[[nodiscard]] bool names_job(pid_t process);
/// The entries by which the processes of one attempt are recognized.
[[nodiscard]] std::vector<std::string> attempt_marks(std::string_view job_id, int attempt);

}  // namespace atlasjob
