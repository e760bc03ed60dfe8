#pragma once

#include "ledger/log_store.h"
#include "mcp/jobs/agent_error.h"
#include "runner/worker/replaced_ledger.h"
#include "store/open.h"

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atlasjob::mcp {

/// The ledger for a server that runs for weeks: opened when first needed, and reopened after a
/// failure or when its file was replaced. Not thread-safe.
class StoreHandle {
  public:
    /// Touches no file. Throws Error(invalid_argument) for an invalid address.
    explicit StoreHandle(const std::string& ledger);
    explicit StoreHandle(LedgerAddress address);

    /// Another handle to the same ledger, for another thread. Once either has had the ledger open,
    /// neither creates a new one in its place.
    StoreHandle another() const { return StoreHandle{*this, known_}; }

    const LedgerAddress& address() const { return address_; }

    /// The output of the ledger's jobs.
    LogStore& logs() const { return *logs_; }

    /// Returns `use(store)` with a store opened for reading. Throws what open_store and `use`
    /// throw, as for_agents() has it; the next call reopens the store.
    template <class Use>
    auto read(const Use& use) {
        return with(reader_, OpenMode::read, use);
    }
    /// The same, but returns `nothing` if there is no ledger yet: it holds no jobs. A ledger that
    /// this server has had open and that is gone is an outage.
    template <class Result, class Use>
    Result read_or(Result nothing, const Use& use) {
        if (!*known_ && address_.is_blank()) return nothing;
        return read(use);
    }
    /// The same as read() with a store opened for writing: migrates an older ledger, never creates
    /// one.
    template <class Use>
    auto write(const Use& use) {
        close_moved_writer();
        return with(writer_, OpenMode::write, use);
    }
    /// The same for submitting: creates the ledger, unless this server has had one open before.
    template <class Use>
    auto write_or_create(const Use& use) {
        close_moved_writer();
        return with(writer_, *known_ ? OpenMode::write : OpenMode::create, use);
    }

  private:
    using Known = std::shared_ptr<std::atomic<bool>>;

    StoreHandle(const StoreHandle& like, Known known)
        : address_(like.address_), known_(std::move(known)), logs_(like.logs_) {}

    template <class Use>
    auto with(std::unique_ptr<Store>& store, OpenMode mode, const Use& use) {
        if (!store) open(store, mode);
        try {
            return use(*store);
        } catch (const Error& error) {
            store.reset();
            throw for_agents(error);
        } catch (const std::exception&) {
            store.reset();
            throw;
        }
    }

    void open(std::unique_ptr<Store>& store, OpenMode mode);
    /// A writing store keeps its file; this closes it once the path leads to another one.
    void close_moved_writer();

    LedgerAddress address_;
    Known known_;  ///< Whether the ledger has been open.
    std::shared_ptr<LogStore> logs_;
    std::unique_ptr<Store> reader_;
    std::unique_ptr<Store> writer_;
    std::optional<PathIdentity> writer_file_;
};

}  // namespace atlasjob::mcp
