#pragma once

#include "base/time.h"

#include <span>
#include <string_view>

namespace atlasjob::sqlite {

class Connection;

/// One migration of the schema, from a file migrations/sqlite/NNNN_name.sql.
struct Migration {
    int version;  ///< 10, 11, 12 … without gaps (checked at build time).
    /// Programs that know this schema version or a later one may keep writing after the migration.
    int writers_from;
    std::string_view name;
    std::string_view sha256;  ///< Of the file; `doctor` compares it with the one in the ledger.
    std::string_view sql;
};

/// Every migration of this program, oldest first.
std::span<const Migration> all_migrations();

/// The version of the last of `migrations`; 0 if there are none.
int schema_version(std::span<const Migration> migrations);

/// The first released schema version. Smaller ones are of pre-releases and are not migrated.
inline constexpr int kFirstVersion = 10;

/// Whether programs that know `version` may keep writing after these migrations.
bool allows_writers_of(std::span<const Migration> migrations, int version);

/// "ATJB": distinguishes a ledger from other SQLite files (PRAGMA application_id).
inline constexpr int kApplicationId = 0x41544A42;

/// Applies the missing migrations and sets application_id and user_version. Must be called inside a
/// write transaction, which the caller must roll back if this throws.
void apply_migrations(Connection& connection, std::span<const Migration> migrations, Time now);

}  // namespace atlasjob::sqlite
