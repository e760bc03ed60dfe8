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
    explicit LedgerAccess(LedgerLocation location) : location_(std::move(location)) {}

    /// Whether there is a file where the ledger should be.
    bool exists() const;

    const LedgerLocation& location() const { return location_; }

    /// Calls `use` with a store to read from and returns what it returns. What open_store and the
    /// store throw comes through, and the next call starts afresh.
    template <class Use>
    auto read(const Use& use) {
        return with(reader_, OpenMode::read, use);
    }
    /// The same with a store to write to: a ledger that is missing is made, an older one migrated.
    template <class Use>
    auto write(const Use& use) {
        return with(writer_, OpenMode::write, use);
    }

  private:
    template <class Use>
    auto with(std::unique_ptr<Store>& store, OpenMode mode, const Use& use) {
        if (!store) store = open_store(location_, mode);
        try {
            return use(*store);
        } catch (const std::exception&) {
            store.reset();
            throw;
        }
    }

    LedgerLocation location_;
    std::unique_ptr<Store> reader_;
    std::unique_ptr<Store> writer_;
};

}  // namespace atlasjob::mcp
