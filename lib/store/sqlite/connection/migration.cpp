#include "store/sqlite/connection/migration.h"

#include "store/sqlite/connection/connection.h"
#include "store/sqlite/connection/query.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kCreateRecord =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "    version    INTEGER PRIMARY KEY,"
    "    name       TEXT    NOT NULL,"
    "    sha256     TEXT    NOT NULL,"
    "    applied_at INTEGER NOT NULL"  // ms
    ") STRICT";

constexpr const char* kRecord =
    "INSERT INTO schema_migrations (version, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4)";

}  // namespace

int schema_version(std::span<const Migration> migrations) {
    return migrations.empty() ? 0 : migrations.back().version;
}

void apply_migrations(Connection& connection, std::span<const Migration> migrations, Time now) {
    connection.execute(kCreateRecord);
    const int present = connection.user_version();
    for (const Migration& migration : migrations) {
        if (migration.version <= present) continue;
        connection.execute(std::string{migration.sql}.c_str());
        Query{connection, kRecord}
            .bind(migration.version, migration.name, migration.sha256, now)
            .run();
    }
    connection.execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
    connection.execute(fmt::format("PRAGMA user_version = {}", schema_version(migrations)).c_str());
}

}  // namespace atlasjob::sqlite
