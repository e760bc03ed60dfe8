#include "store/ledger_case.h"
#include "support/places.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// Recreates a ledger written by another version (fixtures/README.md explains how).
void rebuild(const LedgerCase& ledger, const std::string& fixture) {
    const auto sql = read_file(source_path("tests/store/fixtures/" + fixture));
    REQUIRE(sql.has_value());
    ledger.plain_database().exec(*sql);
}

}  // namespace

TEST_CASE_METHOD(LedgerCase, "a ledger of a pre-release is refused with the way out") {
    rebuild(*this, "v3.sql");
    const auto before = files_below(dir.path());
    for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
        try {
            open(mode);
            FAIL("it was opened");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::old_ledger);
            CHECK_THAT(error.message(), Catch::Contains("pre-release"));
            CHECK_THAT(error.hint(), Catch::Contains("atlasjob export"));
        }
    }
    CHECK(error_of([&] { inspect_schema(parse_address(path)); }) == ErrorCode::old_ledger);
    CHECK(
        error_of([&] { migrate_ledger(parse_address(path), [](auto) { FAIL("it waits"); }); })
        == ErrorCode::old_ledger);
    // SQLite's own files are beside it, as beside every file that is read; none of a ledger's.
    CHECK(files_below(dir.path()).at(path) == before.at(path));
    CHECK_FALSE(exists(path + ".gate"));
    CHECK_FALSE(exists(path + ".bell"));
}

// Not a test: writes to ATLASJOB_FIXTURE_OUT the ledger from which a fixture is dumped.
TEST_CASE("make the fixture of this schema version", "[.fixture]") {
    const std::string out = environment("ATLASJOB_FIXTURE_OUT").value();
    FakeClock clock;
    const auto store = open_store(parse_address(out), OpenMode::create, clock);
    JobFactory jobs{*store, clock};
    for (const Status status : {Status::done, Status::error, Status::cancelled, Status::running}) {
        const std::string number =
            std::to_string(static_cast<int>(store->list({}, kAdmin).total) + 1);
        NewJob spec = jobs.created_spec();
        spec.job_id = JobId::parse("01a2031f-fc00-7000-8000-00000000000" + number).value();
        spec.labels = {{"team", "core"}};
        const AttemptKey attempt = jobs.running(spec);
        clock.advance(milliseconds{1500});
        Outcome outcome = status == Status::done    ? ended_done()
                          : status == Status::error ? ended_error()
                                                    : ended_cancelled();
        if (status == Status::done) outcome.result = R"({"files":711})";
        if (status != Status::running) store->finish(attempt, outcome, "executor");
    }
    jobs.queued();
}
