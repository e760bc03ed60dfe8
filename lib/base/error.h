#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace atlasjob {

/// The kinds of error that callers, exit codes and protocols distinguish.
enum class ErrorCode {
    invalid_argument,  ///< The request itself is wrong; the same request will fail again.
    not_found,         ///< No such job, or the principal may not see it.
    expired,           ///< The job existed and was pruned.
    refused,           ///< The job's state does not allow it.
    unavailable,       ///< The ledger cannot be used now: missing, locked, full or unreadable.
    ledger_moved,      ///< Moved, removed or replaced while it was open; nothing was changed.
    outcome_unknown,   ///< A commit failed, but its changes may be durable.
    not_a_ledger,      ///< Not a ledger, or a damaged one.
    old_ledger,        ///< Made by a pre-release, which this program does not migrate.
    newer_ledger,      ///< Written by a newer version of the program.
    internal,          ///< A bug in atlasjob.
};

/// How one code appears outside: its name in JSON, the exit code and the JSON-RPC error code.
struct ErrorRow {
    ErrorCode code;
    std::string_view word;
    int exit_status;
    int json_rpc_code;
};

// clang-format off
inline constexpr std::array kErrors = {
    ErrorRow{ErrorCode::invalid_argument, "invalid_argument",  2, -32602},
    ErrorRow{ErrorCode::not_found,        "not_found",         4, -32602},
    ErrorRow{ErrorCode::expired,          "expired",           4, -32602},
    ErrorRow{ErrorCode::refused,          "refused",           6, -32603},
    ErrorRow{ErrorCode::unavailable,      "unavailable",       7, -32603},
    ErrorRow{ErrorCode::ledger_moved,     "ledger_moved",      7, -32603},
    ErrorRow{ErrorCode::outcome_unknown,  "outcome_unknown",   7, -32603},
    ErrorRow{ErrorCode::not_a_ledger,     "not_a_ledger",      8, -32603},
    ErrorRow{ErrorCode::old_ledger,       "old_ledger",        8, -32603},
    ErrorRow{ErrorCode::newer_ledger,     "newer_ledger",      8, -32603},
    ErrorRow{ErrorCode::internal,         "internal",         70, -32603},
};
// clang-format on

/// The row of `code`; every enumerator has one.
[[nodiscard]] const ErrorRow& error_row(ErrorCode code) noexcept;

/// An error that fails a request and is reported to its caller.
/// `what()` reads "what happened: why; what to do".
class [[nodiscard]] Error : public std::runtime_error {
  public:
    Error(ErrorCode code, std::string_view message, std::string_view hint = {});

    ErrorCode code() const noexcept { return code_; }
    /// "what happened: why".
    const std::string& message() const noexcept { return message_; }
    /// How to fix it; may be empty.
    const std::string& hint() const noexcept { return hint_; }

  private:
    ErrorCode code_;
    std::string message_;
    std::string hint_;
};

/// The message of an errno value. Thread-safe, unlike strerror.
[[nodiscard]] std::string errno_text(int error);

}  // namespace atlasjob
