#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace atlasjob {

/// Where a job is in its life. The spelling is the spelling in the store and on the wire.
///   queued     recorded, waits to be claimed or started; left by claim, start or cancel
///   running    an attempt is open; left by finish, reap or release
///   done       ended well; left by retry only, pruned after its retention
///   error      ended badly, attempts used up; as done
///   cancelled  ended on request, or a dependency failed; as done
enum class Status { queued, running, done, error, cancelled };

inline constexpr std::array kStatuses = {
    Status::queued, Status::running, Status::done, Status::error, Status::cancelled};

constexpr bool is_terminal(Status status) {
    return status == Status::done || status == Status::error || status == Status::cancelled;
}

/// Why a job is where it is, where the status alone does not say.
enum class Reason {
    user,            ///< Somebody asked.
    shutdown,        ///< The worker was told to stop.
    timeout,         ///< Ran longer than its --timeout.
    worker_lost,     ///< Whoever ran it is gone or fell silent.
    start_failed,    ///< The command could not be started.
    signal,          ///< Ended by a signal nobody here sent.
    exit_code,       ///< Ended with a code other than 0.
    invalid_result,  ///< Its result was asked for as JSON and is not JSON.
    dependency,      ///< A job it waited for did not end well.
    partial,         ///< Ended well, though not all of it succeeded.
};

inline constexpr std::array kReasons = {
    Reason::user,         Reason::shutdown, Reason::timeout,   Reason::worker_lost,
    Reason::start_failed, Reason::signal,   Reason::exit_code, Reason::invalid_result,
    Reason::dependency,   Reason::partial};

std::string_view to_string(Status status);
std::string_view to_string(Reason reason);
/// The enumerator spelled `word`, or nothing.
std::optional<Status> parse_status(std::string_view word);
std::optional<Reason> parse_reason(std::string_view word);

}  // namespace atlasjob
