#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

#include <optional>
#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// How the ledger's tables, indexes and triggers differ from those of its migrations, a few words
/// each: "trigger jobs_ai_event is missing".
std::vector<std::string> schema_drift(Connection& connection);

/// Store::check_health.
std::vector<Finding> check_health(Connection& connection, bool thorough, Time now);

/// What is wrong with the content of a ledger, as a clause; nullopt if no damage is found. Reads
/// all of it. For errors that a sound ledger does not cause. Never throws an Error.
std::optional<std::string> find_damage(Connection& connection);

/// Whether this SQLite version can lose a commit that races a checkpoint (sqlite.org/wal.html, "The
/// WAL-reset bug": 3.7.0 to 3.51.2, fixed in 3.44.6, 3.50.7 and 3.51.3). `version` is a number as
/// from sqlite3_libversion_number.
bool has_wal_reset_bug(int version);

}  // namespace atlasjob::sqlite
