#pragma once

#include "store/open.h"

#include <exception>
#include <memory>
#include <string>

namespace atlasjob::mcp {

/// The ledger as a server that lives for weeks sees it: opened when first needed, and afresh after
/// it failed. (That another file took its place is seen by the store itself.) One thread.
class LedgerAccess {
  public:
    /// Touches nothing. Throws Error(invalid_argument) for a location no ledger can have.
    explicit LedgerAccess(const std::string& location);

    /// Whether there is a file where the ledger should be.
    bool exists() const;

    /// Calls `use` with the store and returns what it returns. What open_store and the store throw
    /// comes through, and the next call starts afresh.
    template <class Use>
    auto read(const Use& use) {
        Store& store = current();
        try {
            return use(store);
        } catch (const std::exception&) {
            store_.reset();
            throw;
        }
    }

  private:
    Store& current();

    LedgerLocation location_;
    std::unique_ptr<Store> store_;
};

}  // namespace atlasjob::mcp
