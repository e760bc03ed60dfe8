#include "store/ledger_case.h"
#include "support/ledger_audit.h"
#include "support/places.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// Recreates a ledger written by an earlier version (fixtures/README.md explains how).
void rebuild(const LedgerCase& ledger, const std::string& fixture) {
    const auto sql = read_file(source_path("tests/store/fixtures/" + fixture));
    REQUIRE(sql.has_value());
    ledger.plain_database().exec(*sql);
}

const JobId kDone = JobId::parse("01a2031f-fc00-7000-8000-000000000001").value();
const JobId kRunning = JobId::parse("01a2031f-fc00-7000-8000-000000000004").value();

}  // namespace

TEST_CASE_METHOD(LedgerCase, "a ledger of schema version 1 can still be opened") {
    rebuild(*this, "v1.sql");
    {
        const auto store = open();
        CHECK(store->list({}, kAdmin).total == 5);
        const Job done = store->get(JobRef::of(kDone), kAlice, Detail::full).value();
        CHECK(done.status == Status::done);
        CHECK(done.result == R"({"files":711})");
        CHECK(done.labels == std::vector<Label>{{"team", "core"}});
        CHECK(done.created_at == from_ms(FakeClock::kStartMs));
        CHECK(
            store->get({JobRef::Kind::seq, 5, {}}, kAlice, Detail::full)->command
            == std::vector<std::string>{"make", "-j8"});
        CHECK(store->events_since({0, kDone}, kAlice).size() == 3);
    }
    CHECK_THAT(contradictions(path), Catch::Equals(std::vector<std::string>{}));
}

TEST_CASE_METHOD(LedgerCase, "a ledger of schema version 1 can be worked on") {
    rebuild(*this, "v1.sql");
    const auto store = open();
    const auto finished =
        store->finish(AttemptKey{kRunning}, ended_done(), "executor", clock.now());
    REQUIRE(finished.has_value());
    CHECK(finished->status == Status::done);
    store->retry(kDone, "alice", clock.now());
    const auto claim = store->claim(worker(), clock.now());
    REQUIRE(claim.has_value());
    CHECK(claim->job.seq == 5);
    CHECK(claim->command.environment == std::vector<std::string>{"PATH=/usr/bin"});
    CHECK_THAT(contradictions(path), Catch::Equals(std::vector<std::string>{}));
}

TEST_CASE_METHOD(
    LedgerCase, "a ledger of schema version 3 owes hooks only for jobs that end from now on") {
    rebuild(*this, "v3.sql");
    const auto store = open();
    JobFactory jobs{*store, clock};
    CHECK(store->list({}, kAdmin).total == 9);
    CHECK(store->owed_hooks({}).empty());
    const auto by_number = [&](std::int64_t seq) {
        return store->get({JobRef::Kind::seq, seq, {}}, kAlice, Detail::full).value();
    };
    CHECK_FALSE(by_number(6).account);
    CHECK(store->count_runnable(AccountId{4711}) == 4);
    CHECK(store->next_due(AccountId{4711}) == by_number(8).run_after);

    // One job that ends now, and one that had ended before and ends again after a retry.
    const Time later = std::max(by_number(8).updated_at, clock.now()) + std::chrono::seconds{1};
    store->retry(by_number(7).job_id, "alice", later);
    for (const std::int64_t seq : {6, 7})
        store->request_cancel(by_number(seq).job_id, {"alice", {}, {}}, later);
    const auto owed = store->owed_hooks({});
    REQUIRE(owed.size() == 2);
    CHECK(owed[0].job_id == by_number(6).job_id);
    CHECK(owed[1].job_id == by_number(7).job_id);
    // Their account is unknown, so any account may take them.
    CHECK(store->take_hook(owed[0].job_id, AccountId{4711}) == Status::cancelled);
    CHECK_THAT(contradictions(path), Catch::Equals(std::vector<std::string>{}));
    for (const Finding& finding : store->check_health(true)) {
        INFO(finding.text);
        CHECK((finding.level != Finding::Level::problem || finding.subject != "schema"));
    }
}

// Not a test: writes to ATLASJOB_FIXTURE_OUT the ledger from which a fixture is dumped.
TEST_CASE("make the fixture of this schema version", "[.fixture]") {
    const std::string out = environment("ATLASJOB_FIXTURE_OUT").value();
    FakeClock clock;
    const auto store = open_store(locate_ledger(out), OpenMode::create);
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
        if (status != Status::running) store->finish(attempt, outcome, "executor", clock.now());
    }
    jobs.queued();
}
