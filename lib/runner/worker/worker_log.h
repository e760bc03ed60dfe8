#pragma once

#include "base/error.h"
#include "base/file.h"
#include "base/time.h"
#include "ledger/address.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

// The log of a ledger's on-demand workers, <ledger>.logs/worker.log: nobody sees their standard
// error, which is this file. A line is "TIME PID LEVEL TEXT", level info or error, or whatever else
// a worker or one of its slots printed while it crashed.

/// The log is cut to its newest kKeptWorkerLog bytes when it is longer than this.
inline constexpr std::int64_t kMaxWorkerLog = 256 << 10;
inline constexpr std::int64_t kKeptWorkerLog = 64 << 10;

[[nodiscard]] std::string worker_log_path(const LedgerAddress& ledger);

/// Opens the log for appending, created with the ledger's access, and cuts it if it is too long.
/// Invalid if it cannot be opened or fails the checks of base/owned_file.h.
[[nodiscard]] UniqueFd open_worker_log(const LedgerAddress& ledger);

/// What the newest line that is not info says.
struct WorkerError {
    std::optional<Time> at;  ///< nullopt: the line has no time.
    std::string text;
    bool latest = false;  ///< No worker has written anything since.
};

/// The last error in the log; nullopt if there is none, or no log that can be read.
[[nodiscard]] std::optional<WorkerError> last_worker_error(const LedgerAddress& ledger);

/// Writes a line of the log to standard error. Best effort.
void log_worker_info(std::string_view text);
void log_worker_error(const Error& error);

/// Logs the errors of an operation that is repeated until it succeeds: each once, and its end.
class RepeatedError {
  public:
    /// Call it after every try; nullopt if it has succeeded.
    void note(const std::optional<Error>& error);

  private:
    std::string last_;  ///< Empty: the last try succeeded.
};

}  // namespace atlasjob
