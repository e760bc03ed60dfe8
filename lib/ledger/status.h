#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace atlasjob {

/// The status of a job, spelled here as in the store and on the wire.
///   queued     waits to be claimed or started; left by claim, start or cancel
///   running    an attempt is open; left by finish, reap or release
///   done       succeeded; left by retry only, pruned after its retention
///   error      failed with no attempts left; left as done is
///   cancelled  ended on request or because a dependency failed; left as done is
enum class Status { queued, running, done, error, cancelled };

inline constexpr std::array kStatuses = {
    Status::queued, Status::running, Status::done, Status::error, Status::cancelled};

[[nodiscard]] constexpr bool is_terminal(Status status) {
    return status == Status::done || status == Status::error || status == Status::cancelled;
}

/// Why a job has its status, if the status alone does not explain it.
enum class Reason {
    user,            ///< Requested by a user.
    shutdown,        ///< The worker was asked to stop.
    timeout,         ///< Exceeded its --timeout.
    worker_lost,     ///< Its executor died or fell silent.
    start_failed,    ///< The command could not be started.
    signal,          ///< Killed by a signal that atlasjob did not send.
    exit_code,       ///< Exited with a code other than 0.
    invalid_result,  ///< Its output was to be JSON and is not.
    dependency,      ///< A dependency did not end as done.
    partial,         ///< Succeeded, but not completely.
};

inline constexpr std::array kReasons = {
    Reason::user,         Reason::shutdown, Reason::timeout,   Reason::worker_lost,
    Reason::start_failed, Reason::signal,   Reason::exit_code, Reason::invalid_result,
    Reason::dependency,   Reason::partial};

[[nodiscard]] std::string_view to_string(Status status);
std::string_view to_string(Reason reason);
/// The enumerator spelled `word`; nullopt if there is none.
[[nodiscard]] std::optional<Status> parse_status(std::string_view word);
std::optional<Reason> parse_reason(std::string_view word);

}  // namespace atlasjob
