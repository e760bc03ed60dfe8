#pragma once

#include "ledger/job.h"
#include "logs/log_record.h"
#include "process/spawn.h"

namespace atlasjob {

/// Why we signalled a command, if we did. The first cause counts.
enum class StopCause {
    none,
    cancel,     ///< Somebody asked the ledger.
    interrupt,  ///< Somebody interrupted us in the foreground.
    timeout,
    shutdown,  ///< Our worker was told to stop at once.
    lost,      ///< The attempt is somebody else's by now.
};

/// Output of a command in the foreground that could not be passed on to ours.
struct OutputFailure {
    Stream stream;
    int error;  ///< An errno value.
};

/// "standard output: No space left on device".
std::string to_string(const OutputFailure& failure);

/// What is known when an attempt has ended.
struct Ending {
    StopCause cause = StopCause::none;
    std::optional<ExitStatus> status;     ///< Nothing: the command never started.
    std::optional<SpawnFailure> failure;  ///< Why it did not.
    std::optional<milliseconds> timeout;
    std::optional<std::string> output;  ///< All of stdout, when that is to be the result.
    bool output_too_long = false;
    std::optional<OutputFailure> output_failure;
};

/// Bytes of standard output that can be a result.
inline constexpr std::size_t kMaxResult = 16UL * 1024 * 1024;

/// What is recorded about the end. A cancelled job's error is left to the store, which knows what
/// the request said. A command that did well, but whose output did not arrive, ends in error.
Outcome outcome_of(const Ending& ending);

/// What `run` leaves with: the command's code, 128 + its signal, 124 after a timeout, 125-127 when
/// it did not start, and 125 instead of 0 when its output did not arrive.
int exit_status_of(const Ending& ending);

}  // namespace atlasjob
