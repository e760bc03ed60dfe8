#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// Entries "NAME=value", as a process gets them.
using Environment = std::vector<std::string>;

/// The value of `name`, or nothing of it: a null view.
std::string_view find_variable(const Environment& environment, std::string_view name);
/// Sets `name`, wherever it stands; the order of the others stays.
void set_variable(Environment& environment, std::string_view name, std::string_view value);

/// What a running command is told about its attempt.
struct CommandContext {
    std::string job_id;
    int attempt = 0;
    std::string ledger;  ///< Absolute.
    std::string principal;
};

/// The descriptor of the report channel in every command: dash takes one digit in `>&3`.
inline constexpr int kReportDescriptor = 3;

/// Removes what a command is told about its attempt: it must not reach another attempt.
void remove_context(Environment& environment);
/// Removes what names the attempt alone: ATLASJOB_JOB_ID, _ATTEMPT, _REPORT_FD. What is left still
/// says which ledger and whom a process acts for.
void remove_attempt(Environment& environment);
/// Sets it: ATLASJOB_JOB_ID, _ATTEMPT, _LEDGER, _PRINCIPAL, _REPORT_FD.
void set_context(Environment& environment, const CommandContext& context);
/// The entry by which workers, slots, supervisors and on-end runners are recognized (self_exec.h).
/// Commands never have it: remove_context removes it, too.
std::string ledger_process_mark();
/// The entries by which the processes of one attempt are recognized.
std::vector<std::string> attempt_marks(std::string_view job_id, int attempt);

}  // namespace atlasjob
