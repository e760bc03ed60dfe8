#pragma once

#include "store/open.h"

#include <sys/types.h>

#include <exception>
#include <memory>
#include <string>

namespace atlasjob::mcp {

/// The ledger as a server that lives for weeks sees it: opened when first needed, and again after
/// it failed or another file took its place. One thread.
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
    /// Which file a path leads to; all zero when to none.
    struct FileId {
        dev_t device = 0;
        ino_t inode = 0;

        friend bool operator==(const FileId&, const FileId&) = default;
    };

    FileId file_now() const;
    Store& current();

    LedgerLocation location_;
    std::unique_ptr<Store> store_;
    FileId opened_;
};

}  // namespace atlasjob::mcp
