#pragma once

#include "runner/worker/replaced_ledger.h"
#include "store/open.h"

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atlasjob::mcp {

/// The ledger as a server that lives for weeks sees it: opened when first needed, and afresh after
/// it failed or another file took its place. One thread.
class StoreHandle {
  public:
    /// Touches nothing. Throws Error(invalid_argument) for a location no ledger can have.
    explicit StoreHandle(const std::string& location);
    explicit StoreHandle(LedgerLocation location)
        : location_(std::move(location)), known_(std::make_shared<std::atomic<bool>>(false)) {}

    /// Another access to the same ledger, for another thread. Once one of the two has had it open,
    /// neither makes a new one in its place.
    StoreHandle another() const { return StoreHandle{*this, known_}; }

    /// Whether there is a file where the ledger should be.
    bool exists() const;

    const LedgerLocation& location() const { return location_; }

    /// Calls `use` with a store to read from and returns what it returns. What open_store and the
    /// store throw comes through, and the next call starts afresh.
    template <class Use>
    auto read(const Use& use) {
        return with(reader_, OpenMode::read, use);
    }
    /// The same with a store to change what is there: an older ledger is migrated, none is made.
    template <class Use>
    auto write(const Use& use) {
        let_go_of_moved_writer();
        return with(writer_, OpenMode::write, use);
    }
    /// The same for what submits: makes the ledger when there has never been one.
    template <class Use>
    auto record(const Use& use) {
        let_go_of_moved_writer();
        return with(writer_, *known_ ? OpenMode::write : OpenMode::create, use);
    }

  private:
    using Known = std::shared_ptr<std::atomic<bool>>;

    StoreHandle(const StoreHandle& like, Known known)
        : location_(like.location_), known_(std::move(known)) {}

    template <class Use>
    auto with(std::unique_ptr<Store>& store, OpenMode mode, const Use& use) {
        if (!store) open(store, mode);
        try {
            return use(*store);
        } catch (const std::exception&) {
            store.reset();
            throw;
        }
    }

    void open(std::unique_ptr<Store>& store, OpenMode mode);
    /// A store that writes stays with its file; we go on with the one that is there now.
    void let_go_of_moved_writer();

    LedgerLocation location_;
    Known known_;  ///< Whether it has been open.
    std::unique_ptr<Store> reader_;
    std::unique_ptr<Store> writer_;
    std::optional<PathIdentity> writer_file_;
};

}  // namespace atlasjob::mcp
