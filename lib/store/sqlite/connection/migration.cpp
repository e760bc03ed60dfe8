#include "store/sqlite/connection/migration.h"

#include "store/sqlite/connection/connection.h"
#include "store/sqlite/connection/query.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kCreateRecord = R"sql(
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version      INTEGER PRIMARY KEY,
        name         TEXT    NOT NULL,
        sha256       TEXT    NOT NULL,
        writers_from INTEGER NOT NULL,  -- programs that know this version may still write
        applied_at   INTEGER NOT NULL   -- ms
    ) STRICT
)sql";

constexpr const char* kRecord = R"sql(
    INSERT INTO schema_migrations (version, name, sha256, writers_from, applied_at)
    VALUES (:version, :name, :sha256, :writers_from, :applied_at)
)sql";

}  // namespace

int schema_version(std::span<const Migration> migrations) {
    return migrations.empty() ? 0 : migrations.back().version;
}

bool allows_writers_of(std::span<const Migration> migrations, int version) {
    return std::ranges::all_of(migrations, [&](const Migration& migration) {
        return migration.version <= version || migration.writers_from <= version;
    });
}

void apply_migrations(Connection& connection, std::span<const Migration> migrations, Time now) {
    connection.execute(kCreateRecord);
    const int present = connection.user_version();
    for (const Migration& migration : migrations) {
        if (migration.version <= present) continue;
        connection.execute(std::string{migration.sql}.c_str());
        Query{connection, kRecord}
            .bind("version", migration.version)
            .bind("name", migration.name)
            .bind("sha256", migration.sha256)
            .bind("writers_from", migration.writers_from)
            .bind("applied_at", now)
            .run();
    }
    connection.execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
    connection.execute(fmt::format("PRAGMA user_version = {}", schema_version(migrations)).c_str());
}

}  // namespace atlasjob::sqlite
