#pragma once

#include "base/time.h"

#include <span>
#include <string_view>

namespace atlasjob::sqlite {

class Connection;

/// One step of the schema, from a file migrations/sqlite/NNNN_name.sql.
struct Migration {
    int version;  ///< 1, 2, 3 … without gaps: checked when they are embedded.
    std::string_view name;
    std::string_view sha256;  ///< Of the file: `doctor` tells when a ledger was made by another.
    std::string_view sql;
};

/// Every migration of this program, oldest first. The last one's version is its schema version.
std::span<const Migration> all_migrations();

/// The newest version in `migrations`.
int schema_version(std::span<const Migration> migrations);

/// "ATJB": how a ledger is told from any other SQLite file (PRAGMA application_id).
inline constexpr int kApplicationId = 0x41544A42;

/// Applies what the database lacks and sets application_id and user_version. To be called inside a
/// write transaction; what fails takes the whole transaction with it.
void apply_migrations(Connection& connection, std::span<const Migration> migrations, Time now);

}  // namespace atlasjob::sqlite
