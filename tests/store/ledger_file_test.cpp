#include "store/sqlite/file/ledger_file.h"

#include "base/error.h"
#include "base/file.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

namespace atlasjob {

TEST_CASE("a ledger under creation is never mistaken for a truncated one") {
    const test::TempDir dir;
    const std::string path = dir / "ledger.db";
    std::string header{"SQLite format 3"};
    header.resize(100);
    std::string mistaken;  // For what, the last time.
    for (int round = 0; round < 5'000; ++round) {
        const UniqueFd file = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        const UniqueFd log = open_file(path + "-wal", O_RDWR | O_CREAT, 0600);
        std::atomic<bool> inspecting = false;
        // As SQLite does it: first the header, then the log, after a delay that differs per round.
        std::thread maker{[&] {
            while (!inspecting)
                continue;
            for (int left = round % 2048; left > 0 && inspecting; --left)
                continue;
            static_cast<void>(pwrite(file.get(), header.data(), header.size(), 0));
            static_cast<void>(pwrite(log.get(), "frames", 6, 0));
        }};
        inspecting = true;
        try {
            static_cast<void>(sqlite::inspect_file(path));
        } catch (const Error& error) {
            mistaken = error.message();
        }
        maker.join();
        REQUIRE(ftruncate(log.get(), 0) == 0);
    }
    CHECK(mistaken == "");
}

TEST_CASE("an empty ledger file with a nonempty write-ahead log is reported as truncated") {
    const test::TempDir dir;
    const std::string path = dir / "ledger.db";
    std::ofstream{path} << "";
    CHECK(sqlite::inspect_file(path) == sqlite::FileState::empty);
    std::ofstream{path + "-wal"} << "frames";
    CHECK_THROWS_WITH(
        sqlite::inspect_file(path),
        Catch::Matchers::Contains("was emptied; its write-ahead log is still there"));
}

}  // namespace atlasjob
