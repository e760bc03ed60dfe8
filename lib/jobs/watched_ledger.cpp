#include "jobs/watched_ledger.h"

#include "base/error.h"

#include <fmt/format.h>
#include <poll.h>

#include <chrono>
#include <utility>

namespace atlasjob::jobs {

namespace {

using std::chrono::steady_clock;

/// How long the ledger may be missing: a restore moves one file away and copies another.
constexpr std::chrono::seconds kMaxAbsence{3};
constexpr int kRetryIntervalMs = 100;

Error gone(const LedgerAddress& address) {
    return {
        ErrorCode::unavailable,
        fmt::format("the ledger {} was moved or removed", address.display()),
        "put it back, or give its new path with --ledger"};
}

/// Called while an error is handled: rethrows it, unless there is no file at all.
[[noreturn]] void give_up(const LedgerAddress& address) {
    if (!address.exists()) throw gone(address);
    throw;
}

}  // namespace

WatchedLedger::WatchedLedger(LedgerAddress address)
    : address_(std::move(address)), file_(address_.identity()) {}

bool WatchedLedger::is_replaced() {
    if (!file_.is_replaced()) return false;
    file_ = address_.identity();
    return true;
}

void WatchedLedger::retry_while_absent(const std::function<void()>& read) const {
    const auto limit = steady_clock::now() + kMaxAbsence;
    for (;;) {
        try {
            read();
            return;
        } catch (const Error& error) {
            if (!may_reappear(error)) throw;
            if (steady_clock::now() >= limit) give_up(address_);
        }
        poll(nullptr, 0, kRetryIntervalMs);
    }
}

bool WatchedLedger::may_reappear(const Error& error) const {
    const bool is_absent =
        error.code() == ErrorCode::unavailable || error.code() == ErrorCode::not_a_ledger;
    return is_absent && !file_.is_there();
}

}  // namespace atlasjob::jobs
