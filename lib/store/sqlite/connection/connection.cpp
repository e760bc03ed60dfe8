#include "store/sqlite/connection/connection.h"

#include "ledger/find.h"
#include "store/sqlite/connection/errors.h"
#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/transaction.h"
#include "store/sqlite/file/ledger_file.h"
#include "store/sqlite/file/trust.h"

#include <sqlite3.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace atlasjob::sqlite {

namespace {

/// The WAL is recycled, not truncated (1.8 times faster). If it has grown larger than this, it is
/// truncated to this size after a checkpoint.
constexpr const char* kJournalSizeLimit = "PRAGMA journal_size_limit = 16777216";

/// Counts this process's connections to each ledger. A ledger that has one must not be opened and
/// closed by other means: that would drop SQLite's locks on it.
class OpenLedgers {
  public:
    static OpenLedgers& instance() {
        static OpenLedgers ledgers;
        return ledgers;
    }

    /// Calls `open` with whether the file already has a connection. No other thread opens one
    /// meanwhile.
    template <class Open>
    auto add(const std::string& path, Open open) {
        const std::lock_guard lock{mutex_};
        auto opened = open(counts_.contains(key_of(file_identity(path))));
        ++counts_[key_of(opened->identity())];
        return opened;
    }

    void remove(const std::optional<FileIdentity>& file) noexcept {
        const std::lock_guard lock{mutex_};
        const auto found = counts_.find(key_of(file));
        if (found != counts_.end() && --found->second == 0) counts_.erase(found);
    }

  private:
    /// Device and inode rather than the path: a file stays open when it is moved.
    using Key = std::pair<dev_t, ino_t>;

    static Key key_of(const std::optional<FileIdentity>& file) {
        return file ? Key{file->device, file->inode} : Key{};
    }

    std::mutex mutex_;
    std::map<Key, int> counts_;
};

/// Takes the write lock if it is free. If it is held, its holder will close later and clean up
/// then. If two connections close at the same time, the WAL may stay for the next writer; nothing
/// is lost.
std::optional<WriterLock::Hold> lock_for_close(WriterLock& writer_lock) {
    try {
        return writer_lock.try_enter(milliseconds{0});
    } catch (const Error&) {
        return {};
    }
}

struct stat status_of(const std::string& path) {
    struct stat status {};
    // If that fails, so does opening the file.
    static_cast<void>(::stat(path.c_str(), &status));
    return status;
}

}  // namespace

Connection::Connection(const std::string& path, Mode mode, int version)
    : path_(path),
      mode_(mode),
      access_(access_to(path, mode)),
      opened_(status_of(path)),
      known_version_(version),
      writer_lock_(path),
      database_(open_database(path, access_)),
      identity_(file_identity(path)) {
    configure();
}

Connection::~Connection() {
    // If the file is no longer at its path, the lock file there belongs to another ledger, or none.
    // What a reader has made is taken away also if it is another program's.
    const bool cleans_up =
        removes_siblings() && (is_ledger_ || mode_ == Mode::read) && is_at_path();
    // A reader does not make the lock file. Where there is none, nobody has written: a backup.
    const bool needs_lock = mode_ != Mode::read || file_identity(path_ + ".gate");
    const auto hold = cleans_up && needs_lock ? lock_for_close(*writer_lock_) : std::nullopt;
    if (hold || (cleans_up && !needs_lock))
        sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    statements_.clear();
    // Close here, while the write lock is held and the connection still counts as open.
    { const SQLite::Database closed = std::move(database_); }
    OpenLedgers::instance().remove(identity_);
}

void Connection::configure() {
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    if (mode_ != Mode::read) execute(kJournalSizeLimit);
    if (access_ == Access::read_with_cleanup) execute("PRAGMA query_only = ON");
}

void Connection::execute(const char* sql) {
    try {
        database_.exec(sql);
    } catch (const SQLite::Exception& failure) {
        throw translated(failure, path_, "use");
    }
}

Statement& Connection::prepared(const char* sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return found->second;
    try {
        return statements_.try_emplace(sql, handle(), sql).first->second;
    } catch (const SQLite::Exception& failure) {
        throw translated(failure, path_, "use");
    }
}

const char* Connection::intern(const std::string& sql) {
    return interned_.insert(sql).first->c_str();
}

void Connection::set_durability(Durability durability) {
    if (durability_ == durability) return;
    execute(
        durability == Durability::transition ? "PRAGMA synchronous = FULL"
                                             : "PRAGMA synchronous = NORMAL");
    durability_ = durability;
}

int Connection::number(const char* sql, std::string_view column) {
    Query query{*this, sql};
    return query.step() ? query.integer<int>(column) : 0;
}

int Connection::application_id() {
    return number("PRAGMA application_id", "application_id");
}
int Connection::user_version() {
    return number("PRAGMA user_version", "user_version");
}
bool Connection::is_blank() {
    return number("SELECT count(*) AS objects FROM sqlite_schema", "objects") == 0;
}

std::int64_t Connection::total_changes() const {
    return sqlite3_total_changes64(handle());
}

std::int64_t Connection::last_insert_rowid() const {
    return sqlite3_last_insert_rowid(handle());
}

bool Connection::is_at_path() const {
    return identity_ && file_identity(path_) == identity_;
}

bool Connection::follow_file() {
    if (is_at_path()) return true;
    const auto new_path = identity_ ? find_moved_ledger(*identity_) : std::nullopt;
    if (!new_path) return false;
    path_ = *new_path;
    // Writers that open the file at its new path use the lock file there.
    writer_lock_.emplace(path_);
    return true;
}

namespace {

std::unique_ptr<Connection> connect(const std::string& path, Connection::Mode mode, int version) {
    return OpenLedgers::instance().add(path, [&](bool is_open) {
        refuse_planted_siblings(path, mode != Connection::Mode::read);
        if (mode != Connection::Mode::read) refuse_read_only(path);
        if (!is_open) {
            const FileState state = inspect_file(path);
            // An empty file is not a ledger (yet).
            if (mode != Connection::Mode::create && state != FileState::sqlite)
                throw missing_ledger(path);
            if (state == FileState::absent) create_file(path);
        }
        return std::make_unique<Connection>(path, mode, version);
    });
}

/// The database's schema compared with this program's.
enum class Schema { none, older, current };

void refuse_prerelease(Connection& connection) {
    const int version = connection.user_version();
    if (version == 0 || version >= kFirstVersion) return;
    throw Error(
        ErrorCode::old_ledger,
        fmt::format(
            "the ledger {} was made by a pre-release of atlasjob (schema version {})",
            connection.path(), version),
        "export it with that program (atlasjob export --admin --with-env > jobs.ndjson), move it "
        "away, and import it (atlasjob import --admin jobs.ndjson)");
}

Schema schema_of(Connection& connection) {
    int id = connection.application_id();
    if (id == 0) {
        if (connection.is_blank()) return Schema::none;
        // Another process may have created the ledger between the two checks.
        id = connection.application_id();
    }
    if (id != kApplicationId) {
        throw Error(
            ErrorCode::not_a_ledger,
            fmt::format("{} is an SQLite file of another program, not a ledger", connection.path()),
            "give the path of a ledger with --ledger");
    }
    refuse_newer(connection);
    refuse_prerelease(connection);
    return connection.user_version() < connection.known_version() ? Schema::older : Schema::current;
}

/// schema_of() that does not mistake a failing disk for damage.
Schema readable_schema_of(Connection& connection) {
    try {
        return schema_of(connection);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_a_ledger) connection.require_readable();
        throw;
    }
}

void turn_on_wal(Connection& connection) {
    Query query{connection, "PRAGMA journal_mode = WAL"};
    if (query.step() && query.text("journal_mode") == "wal") return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format("the ledger {} cannot use a write-ahead log here", connection.path()),
        "give a path on a local disk with --ledger");
}

// What an imported attempt runs is elsewhere and does not write this ledger.
constexpr const char* kOlderAttempts = R"sql(
    SELECT j.seq, a.host, a.supervisor_pid
    FROM jobs j
    JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt
    WHERE j.status = 'running'
      AND a.elsewhere = 0
      AND a.supervisor_pid IS NOT NULL
      AND a.schema_version < :writers_from
    ORDER BY j.seq
)sql";

/// The running attempts whose supervisors could not record their end after the missing migrations.
std::vector<OlderAttempt> attempts_broken_by(
    Connection& connection, std::span<const Migration> migrations) {
    int writers_from = 0;
    for (const Migration& migration : migrations)
        if (migration.version > connection.user_version())
            writers_from = std::max(writers_from, migration.writers_from);
    std::vector<OlderAttempt> older;
    Query query{connection, kOlderAttempts};
    for (query.bind("writers_from", writers_from); query.step();)
        older.push_back(
            {query.integer("seq"), std::string{query.text("host")},
             query.integer("supervisor_pid")});
    return older;
}

/// Throws unavailable if running programs that know the ledger's schema must not write after the
/// missing migrations: these are applied by migrate_ledger alone.
void refuse_breaking(Connection& connection, std::span<const Migration> migrations) {
    const int version = connection.user_version();
    if (version == 0 || allows_writers_of(migrations, version)) return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "the ledger {} must be migrated from schema version {} to {}, after which older "
            "programs can no longer write it",
            connection.path(), version, schema_version(migrations)),
        "run atlasjob migrate");
}

/// Creates or migrates the schema. Runs under the write lock; a process that waited for another one
/// to do it finds nothing to do.
/// Returns false, and does nothing, if `may_migrate` does, which is called under the lock.
bool migrate(
    Connection& connection,
    std::span<const Migration> migrations,
    Time now,
    const std::function<bool()>& may_migrate) {
    const WriterLock::Hold hold = connection.writer_lock().enter();
    const Schema schema = schema_of(connection);
    if (schema == Schema::current) return true;
    if (!may_migrate()) return false;
    if (schema == Schema::none) {
        // Both settings are stored in the file, and neither can be changed inside a transaction.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL");
        turn_on_wal(connection);
    }
    connection.set_durability(Durability::transition);
    connection.execute("BEGIN IMMEDIATE");
    try {
        apply_migrations(connection, migrations, now);
        connection.execute("COMMIT");
        return true;
    } catch (const Error&) {
        roll_back(connection);
        throw;
    }
}

}  // namespace

int version_of(const std::string& path, std::span<const Migration> migrations) {
    refuse_shared_filesystem(path);
    const auto connection = connect(path, Connection::Mode::read, schema_version(migrations));
    if (schema_of(*connection) == Schema::none) throw missing_ledger(path);
    connection->mark_as_ledger();
    return connection->user_version();
}

std::vector<OlderAttempt> migrate_ledger(
    const std::string& path, std::span<const Migration> migrations, Time now) {
    refuse_shared_filesystem(path);
    const auto connection = connect(path, Connection::Mode::write, schema_version(migrations));
    if (schema_of(*connection) == Schema::none) throw missing_ledger(path);
    connection->mark_as_ledger();
    std::vector<OlderAttempt> older;
    migrate(*connection, migrations, now, [&] {
        older = attempts_broken_by(*connection, migrations);
        return older.empty();
    });
    return older;
}

void disable_memory_statistics() {
    // Fails once SQLite is in use; then it only costs some time.
    static_cast<void>(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
}

std::unique_ptr<Connection> open_ledger(
    const std::string& path,
    Connection::Mode mode,
    std::span<const Migration> migrations,
    Time now) {
    refuse_shared_filesystem(path);
    auto connection = connect(path, mode, schema_version(migrations));
    const Schema schema = readable_schema_of(*connection);
    if (schema == Schema::none) {
        if (mode != Connection::Mode::create) throw missing_ledger(path);
        // It may be an empty file that another account has put there.
        refuse_shared_directory(path);
    }
    connection->mark_as_ledger();
    if (schema == Schema::current) return connection;
    if (mode != Connection::Mode::read) {
        refuse_breaking(*connection, migrations);
        migrate(*connection, migrations, now, [] { return true; });
        return connection;
    }
    throw Error(
        ErrorCode::unavailable,
        fmt::format("the ledger {} was created by an older version of atlasjob", path),
        "run atlasjob migrate");
}

}  // namespace atlasjob::sqlite
