#pragma once

#include "ledger/store.h"

#include <array>
#include <memory>
#include <string_view>

namespace atlasjob::test {

/// A new ledger, removed by the destructor. Stores opened on it must not outlive it.
class Ledger {
  public:
    Ledger() = default;
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    virtual ~Ledger() = default;

    /// Opens another store on the ledger, with `clock`. May be called from any thread.
    virtual std::unique_ptr<Store> open(const Clock& clock) = 0;
    /// Opens a read-only store.
    virtual std::unique_ptr<Store> open_to_read(const Clock& clock) = 0;
};

/// A kind of store that must fulfil the contract.
struct StoreFactory {
    std::string_view name;
    std::unique_ptr<Ledger> (*make_ledger)();
};

std::unique_ptr<Ledger> make_sqlite_file();

/// Every test of the suite runs once for each of these.
inline constexpr std::array kStoreFactories = {
    StoreFactory{"sqlite file", make_sqlite_file},
};

}  // namespace atlasjob::test
