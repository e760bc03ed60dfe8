#include "store/ledger_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

// 15,000 jobs each of alice and bob, alternating. Those that ended before 5,000 s (the first
// 10,000) ran for an hour, the others for 10 ms.
constexpr const char* kEndedJobs =
    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999) "
    "INSERT INTO jobs (job_id, kind, owner, status, verb, actor, progress, created_at, started_at, "
    "updated_at, ended_at, expires_at, queue, priority, attempt, max_attempts, fence, has_command) "
    "SELECT printf('%08d-0000-7000-8000-000000000000', i), 'sync', iif(i % 2, 'bob', 'alice'), "
    "'done', 'submit', 'x', 1.0, 0, 0, i * 500, i * 500, i * 500, 'default', 0, 1, 1, 1, 0 FROM n";
constexpr const char* kEndedAttempts =
    "INSERT INTO attempts (job_seq, n, fence, started_at, ended_at, outcome) SELECT seq, 1, 1, 0, "
    "iif(ended_at < 5000000, 3600000, 10), 'done' FROM jobs";

}  // namespace

TEST_CASE_METHOD(LedgerCase, "duration statistics cover the newest 10000 visible jobs") {
    const auto store = open();
    plain_database().exec(kEndedJobs);
    plain_database().exec(kEndedAttempts);
    for (const Principal& principal : {kAlice, kBob, kAdmin}) {
        INFO(principal.name);
        const Statistics found = store->statistics(principal);
        REQUIRE(found.all.has_value());
        CHECK(found.all->jobs == 10'000);
        // If a twentieth of these were older jobs, p95 would show it.
        CHECK(found.all->p50 == milliseconds{10});
        CHECK(found.all->p95 == milliseconds{10});
    }
    CHECK(store->count_prunable({}) == 30'000);
}

TEST_CASE_METHOD(
    LedgerCase, "jobs that ended within the hour are counted correctly from either side") {
    const auto store = open();
    plain_database().exec(kEndedJobs);
    // One job ended every half second, from 0 to 14,999.5 s.
    const auto ended = [&](std::int64_t until_ms, const Principal& principal) {
        clock.set(from_ms(until_ms) + 1h);
        return store->statistics(principal).ended_last_hour;
    };
    for (const std::int64_t since :
         {-1, 0, 1, 499, 500, 7'499'500, 7'500'000, 14'999'000, 14'999'499}) {
        INFO(since);
        CHECK(ended(since, kAdmin) == 30'000 - (since < 0 ? 0 : since / 500 + 1));
    }
    CHECK(ended(14'999'500, kAdmin) == 0);
    CHECK(ended(20'000'000, kAdmin) == 0);
    CHECK(ended(999, kAlice) == 14'999);
    CHECK(ended(14'998'999, kBob) == 1);
}
