#include "store/sqlite/connection/query.h"

#include "store/sqlite/connection/errors.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace atlasjob::sqlite {

Query::Query(Connection& connection, const char* sql)
    : connection_(connection), statement_(connection.prepared(sql)) {}

Query::~Query() {
    statement_.tryReset();
    // reset() alone would keep the bindings, and large values with them.
    statement_.clearBindings();
}

bool Query::step() {
    try {
        return statement_.executeStep();
    } catch (const SQLite::Exception& failure) {
        throw translated(failure, connection_.path(), "use");
    }
}

int Query::run() {
    while (step()) {
    }
    return sqlite3_changes(connection_.handle());
}

bool Query::is_null(int column) const {
    return statement_.getColumn(column).isNull();
}

std::string_view Query::text(int column) const {
    const SQLite::Column value = statement_.getColumn(column);
    const void* bytes = value.getBlob();
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(value.getBytes())};
}

double Query::real(int column) const {
    return statement_.getColumn(column).getDouble();
}
std::int64_t Query::integer64(int column) const {
    return statement_.getColumn(column).getInt64();
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

void Query::bind_next(std::nullptr_t) {
    statement_.bind(next_++);
}
void Query::bind_next(std::int64_t value) {
    statement_.bind(next_++, value);
}
void Query::bind_next(double value) {
    statement_.bind(next_++, value);
}
void Query::bind_next(std::string_view value) {
    statement_.bind(next_++, std::string{value});
}
void Query::bind_next(Blob value) {
    statement_.bind(next_++, value.bytes.data(), static_cast<int>(value.bytes.size()));
}

}  // namespace atlasjob::sqlite
