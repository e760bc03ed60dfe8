#pragma once

#include "base/error.h"
#include "ledger/address_files.h"
#include "store/open.h"
#include "store/sqlite/sqlite_store.h"
#include "support/catch_string_makers.h"
#include "support/fake_clock.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <SQLiteCpp/Database.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace atlasjob::test {

/// An empty temporary directory and the path of a ledger in it.
struct LedgerCase {
    std::unique_ptr<Store> open(OpenMode mode = OpenMode::create) const {
        return open_store(parse_address(path), mode, clock);
    }
    /// Opens the ledger with the given migrations instead of the program's own.
    std::unique_ptr<Store> open_with(
        std::span<const sqlite::Migration> migrations,
        sqlite::Connection::Mode mode = sqlite::Connection::Mode::create) const {
        return std::make_unique<sqlite::SqliteStore>(path, mode, migrations, clock);
    }
    /// A plain SQLite connection to the file, without the store.
    SQLite::Database plain_database() const {
        return SQLite::Database{path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000};
    }

    TempDir dir;
    std::string path = LedgerFiles::of(parse_address(dir / "ledger.db")).path;
    FakeClock clock;
};

/// The code of the Error that `act` throws, or nullopt if it throws none.
template <class Act>
std::optional<ErrorCode> error_of(Act act) {
    try {
        act();
    } catch (const Error& error) {
        return error.code();
    }
    return {};
}

/// Path and content of every file below `directory`, to check that nothing changed. This process
/// must not have the ledger open: reading the file by hand drops SQLite's locks.
std::map<std::string, std::string> files_below(const std::filesystem::path& directory);

/// Permission bits of a file, or -1 if it does not exist.
int mode_of(const std::string& path);
bool exists(const std::string& path);

}  // namespace atlasjob::test
