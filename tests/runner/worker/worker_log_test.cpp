#include "runner/worker/worker_log.h"

#include "store/open.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace atlasjob {

namespace {

using test::TempDir;

/// A ledger's worker log, with standard error redirected to it for as long as this lives.
struct LogCase {
    LogCase() {
        std::ofstream{dir / "ledger.db"};
        chmod((dir / "ledger.db").c_str(), 0600);
    }

    /// Calls `write` as a worker whose standard error is the log.
    template <class Write>
    void as_worker(Write write) const {
        const UniqueFd kept{dup(STDERR_FILENO)};
        const UniqueFd log = open_worker_log(ledger());
        REQUIRE(log.valid());
        REQUIRE(dup2(log.get(), STDERR_FILENO) == STDERR_FILENO);
        write();
        dup2(kept.get(), STDERR_FILENO);
    }
    LedgerAddress ledger() const { return parse_address(dir / "ledger.db"); }
    std::string content() const { return read_file(worker_log_path(ledger())).value_or(""); }

    TempDir dir;
};

TEST_CASE("a ledger without a worker log has no last error") {
    const LogCase c;
    CHECK_FALSE(last_worker_error(c.ledger()));
    CHECK(open_worker_log(c.ledger()).valid());
    CHECK_FALSE(last_worker_error(c.ledger()));
}

TEST_CASE("the last error is found, and whether something has been logged since") {
    const LogCase c;
    c.as_worker([] {
        log_worker_info("started");
        log_worker_error({ErrorCode::unavailable, "first", "do this"});
        log_worker_error({ErrorCode::unavailable, "disk \x1B full", "free some space"});
    });
    const auto error = last_worker_error(c.ledger());
    REQUIRE(error);
    CHECK(error->text == "disk \\u{1b} full; free some space");
    CHECK(error->at.has_value());
    CHECK(error->latest);
    c.as_worker([] { log_worker_info("started"); });
    REQUIRE(last_worker_error(c.ledger()));
    CHECK(last_worker_error(c.ledger())->text == error->text);
    CHECK_FALSE(last_worker_error(c.ledger())->latest);
}

TEST_CASE("what a crashing worker prints is an error without a time") {
    const LogCase c;
    c.as_worker([] { REQUIRE(write_all(STDERR_FILENO, "terminate called\n")); });
    const auto error = last_worker_error(c.ledger());
    REQUIRE(error);
    CHECK(error->text == "terminate called");
    CHECK_FALSE(error->at);
}

TEST_CASE("an error that repeats is logged once, and so is its end") {
    const LogCase c;
    const Error full{ErrorCode::unavailable, "disk full"};
    c.as_worker([&] {
        RepeatedError repeated;
        for (const auto& error :
             {std::optional<Error>{}, std::optional{full}, std::optional{full},
              std::optional<Error>{}, std::optional<Error>{}})
            repeated.note(error);
    });
    const std::string text = c.content();
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    CHECK(text.find("error disk full") < text.find("info it works again"));
}

TEST_CASE("the worker log stays below its limit and keeps the newest lines") {
    const LogCase c;
    c.as_worker([] {
        for (int n = 0; n < 2000; ++n)
            log_worker_error({ErrorCode::unavailable, std::string(300, 'x') + std::to_string(n)});
    });
    CHECK(c.content().size() <= kMaxWorkerLog + 400);
    CHECK(last_worker_error(c.ledger())->text.ends_with("x1999"));
    // Whatever wrote it.
    std::ofstream{worker_log_path(c.ledger()), std::ios::app} << std::string(1 << 20, 'y')
                                                              << "\nz\n";
    CHECK(open_worker_log(c.ledger()).valid());
    CHECK(c.content() == "z\n");
}

TEST_CASE("the worker log is private, and a link in its place is refused") {
    const LogCase c;
    CHECK(open_worker_log(c.ledger()).valid());
    struct stat status {};
    REQUIRE(stat(worker_log_path(c.ledger()).c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600);
    REQUIRE(unlink(worker_log_path(c.ledger()).c_str()) == 0);
    REQUIRE(symlink((c.dir / "elsewhere").c_str(), worker_log_path(c.ledger()).c_str()) == 0);
    CHECK_FALSE(open_worker_log(c.ledger()).valid());
    CHECK_FALSE(last_worker_error(c.ledger()));
    CHECK_FALSE(read_file(c.dir / "elsewhere"));
}

}  // namespace

}  // namespace atlasjob
