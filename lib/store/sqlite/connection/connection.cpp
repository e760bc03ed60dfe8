#include "store/sqlite/connection/connection.h"

#include "store/sqlite/connection/errors.h"
#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/transaction.h"
#include "store/sqlite/file/ledger_file.h"
#include "store/sqlite/file/trust.h"

#include <sqlite3.h>

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <utility>

namespace atlasjob::sqlite {

namespace {

/// For readers, and for writers that know nothing of the gate, such as a sqlite3 shell.
constexpr int kBusyTimeoutMs = 5000;
/// The WAL is recycled, not truncated (1.8 times faster); this is how much of it is kept after a
/// checkpoint when something has made it larger.
constexpr const char* kJournalSizeLimit = "PRAGMA journal_size_limit = 16777216";

/// How many connections this process has to each ledger: a file with one must not be opened and
/// closed by other means, or SQLite's locks on it are gone.
class OpenLedgers {
  public:
    static OpenLedgers& instance() {
        static OpenLedgers ledgers;
        return ledgers;
    }

    /// Runs `open` with whether there is a connection to the file already. No other thread opens
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
    /// By file and not by path: a file stays open wherever it is moved.
    using Key = std::pair<dev_t, ino_t>;

    static Key key_of(const std::optional<FileIdentity>& file) {
        return file ? Key{file->device, file->inode} : Key{};
    }

    std::mutex mutex_;
    std::map<Key, int> counts_;
};

int open_flags(Connection::Mode mode) {
    const int access =
        mode == Connection::Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    // The path is the real one: a link in it has come since.
    return access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
}

SQLite::Database open_database(const std::string& path, Connection::Mode mode) {
    try {
        return SQLite::Database{path, open_flags(mode), kBusyTimeoutMs};
    } catch (const SQLite::Exception& failure) {
        throw translated(failure, path, "open");
    }
}

/// The gate, if nobody has it: whoever does will leave after us and tidy up then. Where two leave
/// at the same moment the WAL may stay for the next writer; nothing is lost.
std::optional<WriterLock::Hold> enter_to_leave(WriterLock& gate) {
    try {
        return gate.try_enter(milliseconds{0});
    } catch (const Error&) {
        return {};
    }
}

Error missing(const std::string& path) {
    return {
        ErrorCode::unavailable, fmt::format("there is no ledger at {}", path),
        "run, submit, create and import make one; or give another with --ledger"};
}

}  // namespace

Connection::Connection(const std::string& path, Mode mode, int version)
    : path_(path),
      mode_(mode),
      known_version_(version),
      writer_lock_(path),
      database_(open_database(path, mode)),
      identity_(file_identity(path)) {
    configure();
}

Connection::~Connection() {
    // Where another file is now, or none, its gate is none of ours.
    const bool tidies = mode_ != Mode::read && is_ledger_ && still_named();
    const auto hold = tidies ? enter_to_leave(*writer_lock_) : std::nullopt;
    if (hold) sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    statements_.clear();
    // Closed here, while the gate is held and the connection still counts as open.
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
}

void Connection::execute(const char* sql) {
    try {
        database_.exec(sql);
    } catch (const SQLite::Exception& failure) {
        throw translated(failure, path_, "use");
    }
}

SQLite::Statement& Connection::prepared(const char* sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return found->second;
    try {
        return statements_.try_emplace(sql, database_, sql).first->second;
    } catch (const SQLite::Exception& failure) {
        throw translated(failure, path_, "use");
    }
}

const char* Connection::intern(const std::string& sql) {
    return texts_.insert(sql).first->c_str();
}

void Connection::set_durability(Durability durability) {
    if (durability_ == durability) return;
    execute(
        durability == Durability::transition ? "PRAGMA synchronous = FULL"
                                             : "PRAGMA synchronous = NORMAL");
    durability_ = durability;
}

int Connection::pragma_number(const char* sql) {
    Query query{*this, sql};
    return query.step() ? query.integer<int>(0) : 0;
}

int Connection::application_id() {
    return pragma_number("PRAGMA application_id");
}
int Connection::user_version() {
    return pragma_number("PRAGMA user_version");
}
bool Connection::is_blank() {
    return pragma_number("SELECT count(*) FROM sqlite_schema") == 0;
}

std::int64_t Connection::total_changes() const {
    return sqlite3_total_changes64(handle());
}

std::int64_t Connection::last_insert_rowid() const {
    return sqlite3_last_insert_rowid(handle());
}

bool Connection::still_named() const {
    return identity_ && file_identity(path_) == identity_;
}

bool Connection::follow_file() {
    if (still_named()) return true;
    const auto place = identity_ ? find_moved_ledger(*identity_) : std::nullopt;
    if (!place) return false;
    path_ = *place;
    // Writers who come to the file there take turns at that gate.
    writer_lock_.emplace(path_);
    return true;
}

namespace {

std::unique_ptr<Connection> connect(const std::string& path, Connection::Mode mode, int version) {
    return OpenLedgers::instance().add(path, [&](bool is_open) {
        refuse_planted_siblings(path, mode != Connection::Mode::read);
        if (!is_open) {
            const FileState state = inspect_file(path);
            // An empty file is no ledger: somebody is about to make one of it, or nobody ever did.
            if (mode != Connection::Mode::create && state != FileState::sqlite) throw missing(path);
            if (state == FileState::absent) create_file(path);
        }
        return std::make_unique<Connection>(path, mode, version);
    });
}

/// What the database says it is.
enum class Schema { none, older, ours };

Schema schema_of(Connection& connection) {
    int id = connection.application_id();
    if (id == 0) {
        if (connection.is_blank()) return Schema::none;
        // Another process may have made the ledger between those two looks.
        id = connection.application_id();
    }
    if (id != kApplicationId) {
        throw Error(
            ErrorCode::not_a_ledger,
            fmt::format("{} is an SQLite file of another program, not a ledger", connection.path()),
            "give the path of a ledger with --ledger");
    }
    refuse_newer(connection);
    return connection.user_version() < connection.known_version() ? Schema::older : Schema::ours;
}

void turn_on_wal(Connection& connection) {
    Query query{connection, "PRAGMA journal_mode = WAL"};
    if (query.step() && query.text(0) == "wal") return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format("the ledger {} cannot use a write-ahead log here", connection.path()),
        "give a path on a local disk with --ledger");
}

/// Runs under the gate: whoever comes second finds the work done.
void bring_up_to_date(Connection& connection, std::span<const Migration> migrations, Time now) {
    const WriterLock::Hold hold = connection.gate().enter();
    const Schema schema = schema_of(connection);
    if (schema == Schema::ours) return;
    if (schema == Schema::none) {
        // Both are kept in the file, and neither can be changed inside a transaction.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL");
        turn_on_wal(connection);
    }
    connection.set_durability(Durability::transition);
    connection.execute("BEGIN IMMEDIATE");
    try {
        apply_migrations(connection, migrations, now);
        connection.execute("COMMIT");
    } catch (const Error&) {
        roll_back(connection);
        throw;
    }
}

}  // namespace

int version_of(const std::string& path, std::span<const Migration> migrations) {
    refuse_network_filesystem(path);
    const auto connection = connect(path, Connection::Mode::read, schema_version(migrations));
    if (schema_of(*connection) == Schema::none) throw missing(path);
    return connection->user_version();
}

void leave_out_memory_statistics() {
    // What it refuses when it is in use already was only to save time.
    static_cast<void>(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
}

std::unique_ptr<Connection> open_ledger(
    const std::string& path,
    Connection::Mode mode,
    std::span<const Migration> migrations,
    Time now) {
    refuse_network_filesystem(path);
    auto connection = connect(path, mode, schema_version(migrations));
    const Schema schema = schema_of(*connection);
    if (schema == Schema::none) {
        if (mode != Connection::Mode::create) throw missing(path);
        // It may be an empty file that somebody else has put there.
        refuse_shared_directory(path);
    }
    connection->mark_as_ledger();
    if (schema == Schema::ours) return connection;
    if (mode != Connection::Mode::read) {
        bring_up_to_date(*connection, migrations, now);
        return connection;
    }
    throw Error(
        ErrorCode::unavailable,
        fmt::format("the ledger {} is of an older version of atlasjob", path),
        "bring it up to date with atlasjob migrate");
}

}  // namespace atlasjob::sqlite
