#pragma once

#include "ledger/job.h"
#include "ledger/log_store.h"
#include "process/spawn.h"

namespace atlasjob {

/// Why the supervisor signalled a command. The first cause counts.
enum class StopCause {
    none,
    cancel,     ///< A cancel was requested in the ledger.
    interrupt,  ///< `run` was interrupted.
    timeout,
    shutdown,  ///< The worker was told to stop at once.
    lost,      ///< The attempt was reaped or ended elsewhere.
};

/// A failure to forward the output of a foreground command to this process's own output.
struct OutputFailure {
    Stream stream;
    int error;  ///< An errno value.
};

/// "standard output: No space left on device".
[[nodiscard]] std::string to_string(const OutputFailure& failure);

/// How an attempt ended.
struct Ending {
    StopCause cause = StopCause::none;
    std::optional<ExitStatus> status;     ///< nullopt: the command did not start.
    std::optional<SpawnFailure> failure;  ///< Why it did not start.
    std::optional<milliseconds> timeout;
    std::optional<std::string> output;  ///< All of standard output, if it is the job's result.
    bool output_too_long = false;
    std::optional<OutputFailure> output_failure;
};

/// Maximum size of a result taken from standard output, in bytes.
inline constexpr std::size_t kMaxResult = 16UL * 1024 * 1024;

/// The outcome to record. The error of a cancelled job is set by the store, which knows the
/// request. A command that succeeded, but whose output could not be forwarded, ends in error.
[[nodiscard]] Outcome outcome_of(const Ending& ending);

/// The exit status of `run`: the command's code, 128 + its signal, 124 after a timeout, 125-127 if
/// it did not start, and 125 instead of 0 if its output could not be forwarded.
[[nodiscard]] int exit_status_of(const Ending& ending);

}  // namespace atlasjob
