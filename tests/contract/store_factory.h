#pragma once

#include "ledger/store.h"

#include <array>
#include <memory>
#include <string_view>

namespace atlasjob::test {

/// One fresh ledger, gone with this object. Stores opened on it must not outlive it.
class Ledger {
  public:
    Ledger() = default;
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    virtual ~Ledger() = default;

    /// Opens one more store on the ledger. May be called from any thread.
    virtual std::unique_ptr<Store> open() = 0;
    /// Opens one that only reads.
    virtual std::unique_ptr<Store> open_to_read() = 0;
};

/// A kind of store that must keep the contract.
struct StoreFactory {
    std::string_view name;
    std::unique_ptr<Ledger> (*make_ledger)();
};

std::unique_ptr<Ledger> make_sqlite_file();

/// Every case of the suite runs once for each of these.
inline constexpr std::array kStoreFactories = {
    StoreFactory{"sqlite file", make_sqlite_file},
};

}  // namespace atlasjob::test
