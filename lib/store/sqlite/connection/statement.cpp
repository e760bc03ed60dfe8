#include "store/sqlite/connection/statement.h"

#include "base/error.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

sqlite3_stmt* prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
    if (code != SQLITE_OK) throw SQLite::Exception{database, code};
    return statement;
}

// The names are copied: SQLite frees its own when the schema has changed.

NameList parameters_of(sqlite3_stmt* statement) {
    std::vector<std::string> names;
    const int count = sqlite3_bind_parameter_count(statement);
    names.reserve(static_cast<std::size_t>(count));
    for (int number = 1; number <= count; ++number) {
        const char* name = sqlite3_bind_parameter_name(statement, number);
        names.emplace_back(name != nullptr ? name + 1 : "");  // Without the colon.
    }
    return NameList{std::move(names)};
}

NameList columns_of(sqlite3_stmt* statement) {
    std::vector<std::string> names;
    const int count = sqlite3_column_count(statement);
    names.reserve(static_cast<std::size_t>(count));
    for (int column = 0; column < count; ++column) {
        const char* name = sqlite3_column_name(statement, column);
        names.emplace_back(name != nullptr ? name : "");
    }
    return NameList{std::move(names)};
}

[[noreturn]] void throw_unknown(
    std::string_view what, std::string_view name, sqlite3_stmt* statement) {
    throw Error(
        ErrorCode::internal,
        fmt::format("a statement has no {} {}: {}", what, name, sqlite3_sql(statement)),
        "this is a bug in atlasjob: please report it");
}

}  // namespace

std::optional<int> NameList::find(std::string_view name) {
    for (std::size_t tried = 0; tried < names_.size(); ++tried) {
        const std::size_t position = next_;
        next_ = position + 1 == names_.size() ? 0 : position + 1;
        if (names_[position] == name) return static_cast<int>(position);
    }
    return {};
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, const char* sql)
    : statement_(prepare(database, sql)), parameters_(parameters_of(statement_.get())) {}

int Statement::parameter(std::string_view name) {
    if (const auto position = parameters_.find(name)) return *position + 1;
    throw_unknown("parameter", name, handle());
}

int Statement::column(std::string_view name) {
    if (!columns_) columns_ = columns_of(handle());
    if (const auto position = columns_->find(name)) return *position;
    throw_unknown("column", name, handle());
}

}  // namespace atlasjob::sqlite
