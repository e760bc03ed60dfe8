#pragma once

#include "base/clock.h"
#include "ledger/log_store.h"

#include <array>
#include <memory>
#include <string_view>

namespace atlasjob::test {

/// A new place for output, removed by the destructor. Stores opened on it must not outlive it.
class LogPlace {
  public:
    LogPlace() = default;
    LogPlace(const LogPlace&) = delete;
    LogPlace& operator=(const LogPlace&) = delete;
    virtual ~LogPlace() = default;

    /// Opens another store on the place, with the clock for the times of what it writes.
    virtual std::unique_ptr<LogStore> open(const Clock& clock) = 0;
};

/// A kind of log store that must fulfil the contract.
struct LogStoreFactory {
    std::string_view name;
    std::unique_ptr<LogPlace> (*make_place)();
};

std::unique_ptr<LogPlace> make_file_logs();

/// Every test of the suite runs once for each of these.
inline constexpr std::array kLogStoreFactories = {
    LogStoreFactory{"files", make_file_logs},
};

}  // namespace atlasjob::test
