#pragma once

#include "base/error.h"
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

/// A directory of its own with the path of a ledger in it; nothing is there yet.
struct LedgerCase {
    std::unique_ptr<Store> open(OpenMode mode = OpenMode::create) const {
        return open_store(locate_ledger(path), mode);
    }
    /// Opens with other migrations than this program's.
    std::unique_ptr<Store> open_with(
        std::span<const sqlite::Migration> migrations,
        sqlite::Connection::Mode mode = sqlite::Connection::Mode::create) const {
        return std::make_unique<sqlite::SqliteStore>(path, mode, migrations, clock.now());
    }
    /// The file as a program that knows nothing of ledgers sees it.
    SQLite::Database as_stranger() const {
        return SQLite::Database{path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000};
    }

    TempDir dir;
    std::string path = locate_ledger(dir / "ledger.db").path;
    FakeClock clock;
};

/// The code of the Error that `act` throws; nothing when it throws none.
template <class Act>
std::optional<ErrorCode> error_of(Act act) {
    try {
        act();
    } catch (const Error& error) {
        return error.code();
    }
    return {};
}

/// Every file below `directory` and what is in it: equal texts mean that nothing was touched. No
/// connection of this process may be open: reading a file of one drops its locks.
std::map<std::string, std::string> files_below(const std::filesystem::path& directory);

/// Permission bits of a file; -1 when it is not there.
int mode_of(const std::string& path);
bool exists(const std::string& path);

}  // namespace atlasjob::test
