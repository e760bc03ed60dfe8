#include "store/sqlite/schema_drift.h"

#include "store/sqlite/errors.h"
#include "store/sqlite/query.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>

#include <map>

namespace atlasjob::sqlite {

namespace {

// What SQLite makes for itself, and the record of the migrations, are not theirs.
constexpr const char* kObjects =
    "SELECT type || ' ' || name, sql FROM sqlite_schema "
    "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'schema_migrations'";

using Objects = std::map<std::string, std::string>;  ///< By kind and name, as they were made.

Objects objects_of(Connection& connection) {
    Objects objects;
    Query query{connection, kObjects};
    while (query.step())
        objects.emplace(query.text(0), query.text(1));
    return objects;
}

/// What the migrations up to `version` make of nothing.
Objects objects_made(int version) {
    SQLite::Database fresh{":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    for (const Migration& migration : all_migrations())
        if (migration.version <= version) fresh.exec(std::string{migration.sql});
    Objects objects;
    SQLite::Statement statement{fresh, kObjects};
    while (statement.executeStep())
        objects.emplace(statement.getColumn(0).getString(), statement.getColumn(1).getString());
    return objects;
}

}  // namespace

std::vector<std::string> schema_drift(Connection& connection) {
    std::vector<std::string> drift;
    const Objects there = objects_of(connection);
    const Objects made = objects_made(connection.user_version());
    for (const auto& [name, sql] : made) {
        const auto found = there.find(name);
        if (found == there.end()) {
            drift.push_back(name + " is missing");
        } else if (found->second != sql) {
            drift.push_back(name + " was changed");
        }
    }
    for (const auto& [name, sql] : there)
        if (!made.contains(name)) drift.push_back(name + " is not ours");
    return drift;
}

}  // namespace atlasjob::sqlite
