#pragma once

#include "base/error.h"
#include "store/sqlite/connection/connection.h"
#include "store/sqlite/file/change_signal.h"

namespace atlasjob::sqlite {

/// A write transaction: takes the write lock, begins, checks that this program still knows the
/// schema, and either commits or rolls back. Releases the write lock only after COMMIT has
/// returned.
class WriteTransaction {
  public:
    /// Throws unavailable (the write lock or SQLite's lock), ledger_moved or newer_ledger.
    WriteTransaction(Connection& connection, Durability durability);
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    ~WriteTransaction();

    /// Returns whether anything was written. Throws outcome_unknown if COMMIT fails.
    bool commit();

  private:
    void begin();

    Connection& connection_;
    WriterLock::Hold hold_;
    std::int64_t changes_before_ = 0;
    bool open_ = false;
};

/// A snapshot for everything that is read while it lives.
class ReadTransaction {
  public:
    /// Throws newer_ledger if a newer program has migrated the ledger.
    explicit ReadTransaction(Connection& connection);
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;
    ~ReadTransaction();

  private:
    Connection& connection_;
};

/// Rolls back an open transaction; does nothing if there is none.
void roll_back(Connection& connection) noexcept;

/// Throws newer_ledger if the ledger's schema is newer than this program's and one of the
/// migrations since does not allow its writes (Migration::writers_from).
void refuse_newer(Connection& connection);

}  // namespace atlasjob::sqlite
