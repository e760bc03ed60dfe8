#include "ledger_case.h"

#include <catch2/catch.hpp>
#include <sqlite3.h>

namespace atlasjob {

namespace {

/// The memory that SQLite reports as allocated while a store is open.
int counted_bytes() {
    const test::LedgerCase ledger;
    const auto store = ledger.open();
    int now = 0;
    int peak = 0;
    REQUIRE(sqlite3_status(SQLITE_STATUS_MEMORY_USED, &now, &peak, 0) == SQLITE_OK);
    return now;
}

}  // namespace

TEST_CASE("SQLite memory statistics can be switched off only before first use") {
    const bool in_time = GENERATE(true, false);
    REQUIRE(sqlite3_shutdown() == SQLITE_OK);
    if (!in_time) {
        REQUIRE(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1) == SQLITE_OK);
        REQUIRE(sqlite3_initialize() == SQLITE_OK);
    }
    disable_memory_statistics();
    CHECK((counted_bytes() == 0) == in_time);
}

}  // namespace atlasjob
