#pragma once

#include "ledger/store.h"

#include <array>

namespace atlasjob {

/// What is added to the name of a ledger for the files beside it; the log folder (`.logs`) is none
/// of them. First those of readers, then those of writers; the last is a worker's.
inline constexpr std::array kSiblings = {"-wal", "-shm", "-journal", ".gate", ".bell", ".worker"};

/// Where a ledger is, worked out from what the user gave.
struct LedgerLocation {
    std::string path;       ///< Absolute; symbolic links resolved as far as the path exists.
    std::string logs_root;  ///< Directory of the jobs' output, beside the ledger.
};

/// Reads "path.db" or "sqlite:path.db". Touches nothing. Throws invalid_argument for an empty
/// path, for SQLite's "file:" URIs and for a kind of store this build does not have.
LedgerLocation locate_ledger(std::string_view location);

/// Where the ledger is when nobody says otherwise: from HOME alone, because programs that start
/// others (agent hosts, cron) often set nothing else.
std::string default_ledger(std::string_view home);

enum class OpenMode {
    read,    ///< Changes nothing and creates nothing; verbs that write throw refused.
    write,   ///< Creates nothing either; migrates an older ledger.
    create,  ///< As write, but makes the ledger when there is none: once, when it is opened.
};

/// Which steps a ledger's schema has taken, and which this program would have it take.
struct SchemaSteps {
    int version = 0;                   ///< Of the ledger.
    int known = 0;                     ///< The newest that this program knows.
    std::vector<std::string> missing;  ///< Names of the steps from the one to the other, in order.
};

/// Looks at a ledger's schema and changes nothing. Throws as open_store does, but for an older one.
SchemaSteps look_at_schema(const LedgerLocation& location);

/// Has the process do without statistics of SQLite's memory, which nobody here reads and which cost
/// a lock and more at each allocation: 5 % of a submit. Before anything in the process uses SQLite,
/// later it changes nothing; for programs, and not for a library in somebody else's.
void leave_out_memory_statistics();

/// Opens a ledger: the only door to a store. Throws unavailable (missing, locked, unreadable, on a
/// network filesystem), not_a_ledger (another file, a directory, damaged) or newer_ledger.
///
/// A store that is open for reading follows the path: when another file is there, that one is read
/// from then on. One that is open for writing stays with the file it opened. Where that was moved,
/// removed or replaced, its verbs throw ledger_moved, but for those that end what is at hand (an
/// attempt's and a leaving worker's; store.h does not know them apart, sqlite_store.h does): they
/// are done in that very file, as long as its write-ahead log and shared memory are beside it.
std::unique_ptr<Store> open_store(const LedgerLocation& location, OpenMode mode);

}  // namespace atlasjob
