#pragma once

#include "store/sqlite/connection/migration.h"
#include "store/sqlite/file/ledger_file.h"
#include "store/sqlite/file/writer_lock.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace atlasjob::sqlite {

/// How much a commit survives.
enum class Durability {
    transition,  ///< synchronous=FULL: also a power cut, once it has returned.
    note,        ///< synchronous=NORMAL: any crash of a process; never out of order.
};

/// One connection to one ledger, with every setting the design asks for, its gate, and the
/// statements it has prepared. Belongs to one thread at a time; must not be carried across fork.
/// All failures of SQLite leave here as Error.
class Connection {
  public:
    /// `create` is as `write` once the ledger is there.
    enum class Mode { read, write, create };

    /// Opens an existing SQLite file. Which schema it has, the caller must find out. `version` is
    /// the newest schema this program knows.
    Connection(const std::string& path, Mode mode, int version);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// A writer that leaves a ledger takes the gate and lets SQLite find out whether it is the last
    /// one: if so, the WAL is checkpointed and removed, and the next lone open pays for no
    /// recovery.
    ~Connection();

    /// Where the file is, as far as we know: follow_file() may change it.
    const std::string& path() const { return path_; }
    /// Which file is open, wherever it is.
    const std::optional<FileIdentity>& identity() const { return identity_; }
    WriterLock& gate() { return *writer_lock_; }
    int known_version() const { return known_version_; }
    sqlite3* handle() const { return database_.getHandle(); }

    /// Runs statements that return nothing and bind nothing.
    void execute(const char* sql);
    /// The statement for `sql`, prepared once a connection. `sql` must live as long as it: the
    /// pointer is the key.
    SQLite::Statement& prepared(const char* sql);
    /// `sql` with a life as long as the connection's, for statements put together at run time.
    const char* intern(const std::string& sql);
    /// Chooses the durability of the transactions to come. Not inside one.
    void set_durability(Durability durability);

    int application_id();
    int user_version();
    /// Whether there is no table at all.
    bool is_blank();
    /// Rows inserted, changed and deleted over the connection's life.
    std::int64_t total_changes() const;
    std::int64_t last_insert_rowid() const;
    /// Whether path() still names the file that is open.
    bool still_named() const;
    /// Finds out where the file is now if it was moved: path() and the gate are of that place from
    /// then on. False when it is nowhere, or without its write-ahead log and shared memory: what we
    /// wrote then would be seen by nobody, or would spoil what others write.
    bool follow_file();
    /// The file is a ledger, or may become one. Until then nothing is put beside it: it may be
    /// somebody else's.
    void mark_as_ledger() { is_ledger_ = true; }

  private:
    int pragma_number(const char* sql);
    void configure();

    std::string path_;
    Mode mode_;
    int known_version_;
    std::optional<WriterLock>
        writer_lock_;  ///< Always there; another one once the file was followed.
    SQLite::Database database_;
    std::unordered_set<std::string> texts_;
    std::unordered_map<const char*, SQLite::Statement> statements_;
    std::optional<Durability> durability_;
    std::optional<FileIdentity> identity_;
    bool is_ledger_ = false;
};

/// As the function of that name in open.h.
void leave_out_memory_statistics();

/// Opens the connection that a Store works on: finds out what the file is, migrates an older ledger
/// unless it is only to be read, and makes one in create mode. `migrations` is all_migrations() but
/// in tests. Two processes that create the same ledger at once both succeed. Throws as open_store
/// does.
std::unique_ptr<Connection> open_ledger(
    const std::string& path,
    Connection::Mode mode,
    std::span<const Migration> migrations,
    Time now);

/// The schema version of the ledger at `path`, which may be older than `migrations`. Changes
/// nothing. Throws as open_store does for reading.
int version_of(const std::string& path, std::span<const Migration> migrations);

}  // namespace atlasjob::sqlite
