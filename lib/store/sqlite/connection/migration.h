#pragma once

#include "base/time.h"

#include <span>
#include <string_view>

namespace atlasjob::sqlite {

class Connection;

/// One migration of the schema, from a file migrations/sqlite/NNNN_name.sql.
struct Migration {
    int version;  ///< 1, 2, 3 … without gaps (checked at build time).
    std::string_view name;
    std::string_view sha256;  ///< Of the file; `doctor` compares it with the one in the ledger.
    std::string_view sql;
};

/// Every migration of this program, oldest first.
std::span<const Migration> all_migrations();

/// The version of the last of `migrations`; 0 if there are none.
int schema_version(std::span<const Migration> migrations);

/// "ATJB": distinguishes a ledger from other SQLite files (PRAGMA application_id).
inline constexpr int kApplicationId = 0x41544A42;

/// Applies the missing migrations and sets application_id and user_version. Must be called inside a
/// write transaction, which the caller must roll back if this throws.
void apply_migrations(Connection& connection, std::span<const Migration> migrations, Time now);

}  // namespace atlasjob::sqlite
