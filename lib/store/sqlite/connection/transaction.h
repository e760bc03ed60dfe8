#pragma once

#include "base/error.h"
#include "store/sqlite/connection/connection.h"
#include "store/sqlite/file/change_signal.h"

namespace atlasjob::sqlite {

/// One write transaction: takes the gate, begins, checks that this program still knows the schema,
/// and either commits or leaves nothing behind. The gate is left only after COMMIT has returned.
class WriteTransaction {
  public:
    /// Throws unavailable (gate, lock), ledger_moved or newer_ledger.
    WriteTransaction(Connection& connection, Durability durability);
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    ~WriteTransaction();

    /// Throws outcome_unknown when SQLite cannot say that it is done. Returns whether anything was
    /// written.
    bool commit();

  private:
    void begin();

    Connection& connection_;
    WriterLock::Hold hold_;
    std::int64_t changes_before_ = 0;
    bool open_ = false;
};

/// A snapshot: everything read while it lives is of one moment.
class ReadTransaction {
  public:
    /// Throws newer_ledger when a newer program has migrated the ledger meanwhile.
    explicit ReadTransaction(Connection& connection);
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;
    ~ReadTransaction();

  private:
    Connection& connection_;
};

/// Ends an open transaction without its changes; does nothing when there is none.
void roll_back(Connection& connection) noexcept;

/// Throws newer_ledger when the ledger is of a later schema than this program knows.
void refuse_newer(Connection& connection);

}  // namespace atlasjob::sqlite
