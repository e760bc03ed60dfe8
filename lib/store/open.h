#pragma once

#include "base/clock.h"
#include "ledger/address.h"
#include "ledger/store.h"

#include <array>
#include <functional>
#include <span>

namespace atlasjob {

/// Suffixes of the files beside a ledger, without the log folder (`.logs`): first those that
/// readers use, then those that only writers use, and last the worker's.
inline constexpr std::array kSiblings = {"-wal", "-shm", "-journal", ".gate", ".bell", ".worker"};

/// Parses "path.db" or "sqlite:path.db" without opening anything. Throws invalid_argument for an
/// empty path, for SQLite's "file:" URIs and for a kind of store that this build does not support.
LedgerAddress parse_address(std::string_view text);

/// The default path of the ledger. Depends only on HOME, because programs that start others (agent
/// hosts, cron) often set nothing else.
std::string default_ledger(std::string_view home);

/// The ledger that the environment names: ATLASJOB_LEDGER, else the default of HOME. Relative paths
/// are refused, as they would make another ledger in every working directory. Throws
/// Error(unavailable) if neither can be used; its hint begins with `other_way` ("give --ledger
/// PATH").
[[nodiscard]] std::string ledger_from_environment(std::string_view other_way);

enum class OpenMode {
    read,    ///< Changes and creates nothing; verbs that write throw refused.
    write,   ///< Creates nothing; migrates an older ledger.
    create,  ///< As write, but opening creates a missing ledger. Later verbs never create one.
};

/// The migrations of a ledger compared with those of this program.
struct SchemaSteps {
    int version = 0;                   ///< Schema version of the ledger.
    int known = 0;                     ///< Newest schema version of this program.
    std::vector<std::string> missing;  ///< Names of the migrations in between, in order.
};

/// Reads a ledger's schema version and changes nothing. Throws as open_store does, except that an
/// older ledger is not an error.
SchemaSteps inspect_schema(const LedgerAddress& address);

/// A running attempt whose supervisor is of a program that could not write the ledger after a
/// migration, and so not record how the attempt ends.
struct OlderAttempt {
    std::int64_t seq = 0;  ///< Of its job.
    std::string host;
    std::int64_t pid = 0;
};

/// Migrates an older ledger to this program's schema, in one transaction. open_store does so, too,
/// but not if older programs could no longer write the ledger afterwards. In that case this
/// function waits until no attempt of such a program is running: it calls `waiting` with those that
/// are whenever it begins to wait, which may throw to give up. Throws as open_store does.
void migrate_ledger(
    const LedgerAddress& address,
    const std::function<void(std::span<const OlderAttempt>)>& waiting,
    const Clock& clock = machine_clock());

/// Checks the files of a ledger, even of one that cannot be opened: owner, permissions and
/// siblings, the directory, free disk space. Changes nothing.
std::vector<Finding> check_files(const LedgerAddress& address);

/// Turns off SQLite's memory statistics, which atlasjob does not use and which take a lock on every
/// allocation (5 % of a submit). Affects the whole process, so it is for programs and not for a
/// library. Has no effect once SQLite has been used.
void disable_memory_statistics();

/// Opens a ledger; the only way to get a Store. Throws unavailable (missing, locked, unreadable, on
/// a network filesystem), not_a_ledger (another file, a directory, damaged) or newer_ledger.
///
/// A store that is open for reading follows the path: if another file is put there, it reads that
/// one. A store that is open for writing keeps the file it opened. If that file is moved, removed
/// or replaced, verbs throw ledger_moved, except those that complete work in progress
/// (sqlite_store.h lists them): these still write to the moved file, provided that its write-ahead
/// log and shared memory are beside it.
///
/// `clock` supplies all times that the store records and compares; it must outlive the store.
std::unique_ptr<Store> open_store(
    const LedgerAddress& address, OpenMode mode, const Clock& clock = machine_clock());

}  // namespace atlasjob
