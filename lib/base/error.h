#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace atlasjob {

/// What kind of thing went wrong, as far as a caller, an exit status or a protocol cares.
enum class ErrorCode {
    invalid_argument,  ///< The request itself is wrong; the same request will fail again.
    not_found,         ///< No such job, or not one the principal may see.
    expired,           ///< The job existed and was pruned.
    refused,           ///< The job's state does not allow it.
    unavailable,       ///< The ledger cannot be used now: missing, locked, full, unreadable.
    ledger_moved,      ///< Moved, removed or replaced while it was open; nothing was changed.
    outcome_unknown,   ///< A commit failed in a way that may have been durable all the same.
    not_a_ledger,      ///< Some other file, or a damaged one.
    newer_ledger,      ///< Written by a newer program.
    internal,          ///< Our own bug.
};

/// One row a code: its word in JSON, the exit status and the JSON-RPC error code it becomes.
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
    ErrorRow{ErrorCode::newer_ledger,     "newer_ledger",      8, -32603},
    ErrorRow{ErrorCode::internal,         "internal",         70, -32603},
};
// clang-format on

/// The row of `code`. Total: every enumerator has one.
const ErrorRow& error_row(ErrorCode code) noexcept;

/// Something that ends a request and is told to whoever made it.
/// `what()` reads "what happened: why; what to do".
class Error : public std::runtime_error {
  public:
    Error(ErrorCode code, std::string_view message, std::string_view hint = {});

    ErrorCode code() const noexcept { return code_; }
    /// "what happened: why".
    const std::string& message() const noexcept { return message_; }
    /// What to do about it; may be empty.
    const std::string& hint() const noexcept { return hint_; }

  private:
    ErrorCode code_;
    std::string message_;
    std::string hint_;
};

/// The text of an errno value. Thread-safe, unlike strerror.
std::string errno_text(int error);

}  // namespace atlasjob
