#pragma once

#include "store/open.h"
#include "store/sqlite/connection/migration.h"
#include "store/sqlite/connection/statement.h"
#include "store/sqlite/file/ledger_file.h"
#include "store/sqlite/file/writer_lock.h"

#include <SQLiteCpp/Database.h>

#include <sys/stat.h>

#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace atlasjob::sqlite {

/// What a commit survives once it has returned.
enum class Durability {
    transition,  ///< synchronous=FULL: survives a power cut.
    note,        ///< synchronous=NORMAL: survives the crash of a process; commits stay in order.
};

/// A connection to a ledger with its settings, write lock and prepared statements. Must be used by
/// one thread at a time and must not be used in a forked child. Reports all SQLite failures as
/// Error.
class Connection {
  public:
    /// `create` equals `write` once the ledger exists.
    enum class Mode { read, write, create };

    /// Opens an existing SQLite file without checking its schema. `version` is the newest schema
    /// version of this program.
    Connection(const std::string& path, Mode mode, int version);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// A writer closes under the write lock and lets SQLite find out whether it is the last
    /// connection. If so, SQLite checkpoints and removes the WAL, which saves the next open a
    /// recovery. So does a reader that has found no WAL: it takes away what it has made.
    ~Connection();

    /// Where the file was last seen; follow_file() updates it.
    const std::string& path() const { return path_; }
    /// Which file is open, wherever it is.
    const std::optional<FileIdentity>& identity() const { return identity_; }
    WriterLock& writer_lock() { return *writer_lock_; }
    int known_version() const { return known_version_; }
    sqlite3* handle() const { return database_.getHandle(); }

    /// Runs statements without parameters and results.
    void execute(const char* sql);
    /// The statement for `sql`, prepared once per connection. The pointer is the key, so `sql` must
    /// outlive the connection.
    Statement& prepared(const char* sql);
    /// A copy of `sql` that lives as long as the connection, for statements built at run time.
    const char* intern(const std::string& sql);
    /// Sets the durability of later transactions. Must not be called inside one.
    void set_durability(Durability durability);

    int application_id();
    int user_version();
    /// Whether the database has no tables.
    bool is_blank();
    /// Number of rows inserted, changed and deleted since the connection was opened.
    std::int64_t total_changes() const;
    std::int64_t last_insert_rowid() const;
    /// Whether path() still names the file that is open.
    bool is_at_path() const;
    /// Throws unavailable if a part of the file cannot be read, which SQLite reports as damage.
    /// Reads all of it, through SQLite's own descriptor.
    void require_readable() const;
    /// Whether what was read may be out of date: the file is not locked (Access::immutable), and a
    /// program has written it since it was opened. It must be opened again.
    bool is_outdated() const;
    /// Finds the file if it was moved, and switches path() and the write lock to its new path.
    /// Returns false if it was removed, or moved without its write-ahead log and shared memory: a
    /// write would then be lost, or corrupt what other processes write.
    bool follow_file();
    /// Marks the file as a ledger. Before that, no files are created beside it: it may belong to
    /// another program.
    void mark_as_ledger() { is_ledger_ = true; }

  private:
    /// How the file is opened.
    enum class Access {
        write,
        read,  ///< Beside other programs, which have made the files that all of them share.
        read_with_cleanup,  ///< Reading only, but SQLite may make these files; removed at the end.
        immutable,  ///< As a file that nobody writes: these files are not there, nor can be made.
    };
    static Access access_to(const std::string& path, Mode mode);
    static SQLite::Database open_database(const std::string& path, Access access);
    bool removes_siblings() const;

    /// The number that a statement without parameters returns in `column`.
    int number(const char* sql, std::string_view column);
    void configure();

    std::string path_;
    Mode mode_;
    Access access_;
    struct stat opened_ {};  ///< The file before it was opened.
    int known_version_;
    std::optional<WriterLock> writer_lock_;  ///< Always set; replaced by follow_file().
    SQLite::Database database_;
    std::unordered_set<std::string> interned_;
    std::unordered_map<const char*, Statement> statements_;
    std::optional<Durability> durability_;
    std::optional<FileIdentity> identity_;
    bool is_ledger_ = false;
};

/// See open.h.
void disable_memory_statistics();

/// Opens the connection of a Store: checks what the file is, migrates an older ledger unless in
/// read mode, and creates a missing one in create mode. `migrations` is all_migrations(), except in
/// tests. Throws unavailable if only migrate_ledger may migrate it. If two processes create the
/// same ledger at once, both succeed. Throws as open_store does.
std::unique_ptr<Connection> open_ledger(
    const std::string& path,
    Connection::Mode mode,
    std::span<const Migration> migrations,
    Time now);

/// See open.h; returns what keeps it from migrating, or nothing if it has migrated.
std::vector<OlderAttempt> migrate_ledger(
    const std::string& path, std::span<const Migration> migrations, Time now);

/// The schema version of the ledger at `path`, which may be older than `migrations`. Changes
/// nothing. Throws as open_store does in read mode.
int version_of(const std::string& path, std::span<const Migration> migrations);

}  // namespace atlasjob::sqlite
