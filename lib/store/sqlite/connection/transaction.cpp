#include "store/sqlite/connection/transaction.h"

#include "store/sqlite/connection/errors.h"
#include "store/sqlite/connection/query.h"
#include "store/sqlite/file/ledger_file.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <fmt/format.h>

#include <optional>

namespace atlasjob::sqlite {

namespace {

// The pointers are the keys of the prepared statements.
constexpr const char* kBegin = "BEGIN";
constexpr const char* kCommit = "COMMIT";

// Every migration that this program does not know must be recorded and allow its writes.
constexpr const char* kAllowing = R"sql(
    SELECT count(*) AS allowing
    FROM schema_migrations
    WHERE version > :known
      AND version <= :version
      AND writers_from <= :known
)sql";

bool allows_this_program(Connection& connection, int version) {
    Query query{connection, kAllowing};
    return query.bind("known", connection.known_version()).bind("version", version).step()
           && query.integer("allowing") == version - connection.known_version();
}

WriterLock::Hold lock(Connection& connection, Durability durability) {
    // Before the lock: a connection's first pragma reads the schema, which takes half a
    // millisecond.
    connection.set_durability(durability);
    return connection.writer_lock().enter();
}

/// Commits; returns what failed. Not a Query, because a failed COMMIT has its own error.
std::optional<SQLite::Exception> run_commit(Connection& connection) {
    sqlite3_stmt* commit = connection.prepared(kCommit).handle();
    std::optional<SQLite::Exception> failure;
    const int code = sqlite3_step(commit);
    if (code != SQLITE_DONE) failure.emplace(connection.handle(), code);
    sqlite3_reset(commit);
    return failure;
}

}  // namespace

WriteTransaction::WriteTransaction(Connection& connection, Durability durability)
    : connection_(connection), hold_(lock(connection, durability)) {
    if (!connection.is_at_path()) throw ledger_moved(connection.path());
    changes_before_ = connection.total_changes();
    begin();
}

void WriteTransaction::begin() {
    Query{connection_, "BEGIN IMMEDIATE"}.run();
    try {
        // A program that outlived an upgrade must not keep writing by the old rules.
        refuse_newer(connection_);
    } catch (const Error&) {
        roll_back(connection_);
        throw;
    }
    open_ = true;
}

WriteTransaction::~WriteTransaction() {
    if (open_) roll_back(connection_);
}

bool WriteTransaction::commit() {
    if (const auto failure = run_commit(connection_))
        throw commit_failed(*failure, connection_.path());
    open_ = false;
    return connection_.total_changes() != changes_before_;
}

ReadTransaction::ReadTransaction(Connection& connection) : connection_(connection) {
    Query{connection, kBegin}.run();
    try {
        refuse_newer(connection);
    } catch (const Error&) {
        roll_back(connection);
        throw;
    }
}

ReadTransaction::~ReadTransaction() {
    // Nothing was written, so COMMIT cannot fail; prepared, it is cheaper than a rollback.
    static_cast<void>(run_commit(connection_));
    roll_back(connection_);
}

void roll_back(Connection& connection) noexcept {
    // After some failures SQLite has already rolled back by itself.
    if (sqlite3_get_autocommit(connection.handle()) != 0) return;
    sqlite3_exec(connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void refuse_newer(Connection& connection) {
    const int version = connection.user_version();
    if (version <= connection.known_version() || allows_this_program(connection, version)) return;
    throw Error(
        ErrorCode::newer_ledger,
        fmt::format(
            "the ledger {} has schema version {}, but this program knows only {}",
            connection.path(), version, connection.known_version()),
        "use the newer atlasjob that wrote it");
}

}  // namespace atlasjob::sqlite
