#include "store/sqlite/connection/query.h"

#include "base/error.h"
#include "store/sqlite/connection/errors.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

[[noreturn]] void throw_misused(sqlite3_stmt* statement, std::string_view how) {
    throw Error(
        ErrorCode::internal, fmt::format("{}: {}", how, sqlite3_sql(statement)),
        "this is a bug in atlasjob: please report it");
}

/// SQLite takes a null pointer for NULL, and that of an empty text may be null.
const char* data_of(std::string_view bytes) {
    return bytes.empty() ? "" : bytes.data();
}

}  // namespace

Query::Query(Connection& connection, const char* sql)
    : connection_(connection), statement_(connection.prepared(sql)) {}

Query::~Query() {
    sqlite3_reset(statement_.handle());
    // A reset alone would keep the bindings, and large values with them.
    if (bound_ > 0) sqlite3_clear_bindings(statement_.handle());
}

bool Query::step() {
    if (position_ == Position::before_first) require_bound();
    // Another step would run the statement again.
    if (position_ == Position::after_last) return false;
    const int code = sqlite3_step(statement_.handle());
    position_ = code == SQLITE_ROW ? Position::at_row : Position::after_last;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        throw translated(SQLite::Exception{connection_.handle(), code}, connection_.path(), "use");
    return position_ == Position::at_row;
}

int Query::run() {
    while (step()) {
    }
    return sqlite3_changes(connection_.handle());
}

void Query::require_bound() const {
    if (bound_ != statement_.parameters())
        throw_misused(statement_.handle(), "a statement was run before all of it was bound");
}

sqlite3_stmt* Query::row() const {
    if (position_ != Position::at_row)
        throw_misused(statement_.handle(), "a statement was read where it has no row");
    return statement_.handle();
}

bool Query::is_null(int column) const {
    return sqlite3_column_type(row(), column) == SQLITE_NULL;
}

std::string_view Query::text(int column) const {
    const void* bytes = sqlite3_column_blob(row(), column);
    const int size = sqlite3_column_bytes(row(), column);
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

double Query::real(int column) const {
    return sqlite3_column_double(row(), column);
}
std::int64_t Query::integer64(int column) const {
    return sqlite3_column_int64(row(), column);
}

std::optional<std::string> Query::optional_text(int column) const {
    if (is_null(column)) return {};
    return std::string{text(column)};
}

std::optional<double> Query::optional_real(int column) const {
    return is_null(column) ? std::nullopt : std::optional{real(column)};
}

std::optional<Time> Query::optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional{time(column)};
}

std::optional<milliseconds> Query::optional_duration(int column) const {
    return is_null(column) ? std::nullopt : std::optional{milliseconds{integer64(column)}};
}

void Query::check_bound(int code) {
    if (code != SQLITE_OK)
        throw translated(SQLite::Exception{connection_.handle(), code}, connection_.path(), "use");
    ++bound_;
}

void Query::bind_at(int number, std::nullptr_t) {
    check_bound(sqlite3_bind_null(statement_.handle(), number));
}
void Query::bind_at(int number, std::int64_t value) {
    check_bound(sqlite3_bind_int64(statement_.handle(), number, value));
}
void Query::bind_at(int number, double value) {
    check_bound(sqlite3_bind_double(statement_.handle(), number, value));
}
void Query::bind_at(int number, std::string_view value) {
    check_bound(sqlite3_bind_text(
        statement_.handle(), number, data_of(value), static_cast<int>(value.size()),
        SQLITE_TRANSIENT));
}
void Query::bind_at(int number, Blob value) {
    check_bound(sqlite3_bind_blob(
        statement_.handle(), number, data_of(value.bytes), static_cast<int>(value.bytes.size()),
        SQLITE_STATIC));
}

}  // namespace atlasjob::sqlite
