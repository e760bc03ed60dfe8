#pragma once

#include "ledger/store.h"

#include <array>

namespace atlasjob {

/// Suffixes of the files beside a ledger, without the log folder (`.logs`): first those that
/// readers use, then those that only writers use, and last the worker's.
inline constexpr std::array kSiblings = {"-wal", "-shm", "-journal", ".gate", ".bell", ".worker"};

/// Where a ledger is.
struct LedgerLocation {
    std::string path;       ///< Absolute; symbolic links resolved as far as the path exists.
    std::string logs_root;  ///< Directory of the jobs' output, beside the ledger.
};

/// Parses "path.db" or "sqlite:path.db" without opening anything. Throws invalid_argument for an
/// empty path, for SQLite's "file:" URIs and for a kind of store that this build does not support.
LedgerLocation locate_ledger(std::string_view location);

/// The default path of the ledger. Depends only on HOME, because programs that start others (agent
/// hosts, cron) often set nothing else.
std::string default_ledger(std::string_view home);

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
SchemaSteps inspect_schema(const LedgerLocation& location);

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
std::unique_ptr<Store> open_store(const LedgerLocation& location, OpenMode mode);

}  // namespace atlasjob
