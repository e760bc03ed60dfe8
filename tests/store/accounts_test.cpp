#include "store/ledger_case.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// The query plan of `sql`, one step per line.
std::string plan_of(SQLite::Database& database, const std::string& sql) {
    std::string plan;
    SQLite::Statement explained{database, "EXPLAIN QUERY PLAN " + sql};
    while (explained.executeStep())
        plan += explained.getColumn("detail").getString() + "\n";
    return plan;
}

ClaimRequest own_worker() {
    ClaimRequest request = worker();
    request.account = geteuid();
    return request;
}

}  // namespace

TEST_CASE_METHOD(
    LedgerCase, "nothing is claimed for one account while others can write the ledger") {
    const auto store = open();
    JobFactory jobs{*store, clock};
    const AttemptKey running = jobs.running();
    const JobId next = jobs.queued();
    REQUIRE(chmod(path.c_str(), 0666) == 0);
    CHECK_FALSE(store->claim(own_worker()));
    const auto both = store->finish_and_claim(running, ended_done(), own_worker());
    CHECK(both.finished);
    CHECK_FALSE(both.claim);
    CHECK(jobs.get(next).status == Status::queued);
    REQUIRE(chmod(path.c_str(), 0600) == 0);
    const auto claim = store->claim(own_worker());
    REQUIRE(claim);
    CHECK(claim->job.job_id == next);
}

TEST_CASE_METHOD(LedgerCase, "a worker of any account claims even if others can write the ledger") {
    const auto store = open();
    JobFactory jobs{*store, clock};
    const JobId id = jobs.queued();
    REQUIRE(chmod(path.c_str(), 0666) == 0);
    const auto claim = store->claim(worker());
    REQUIRE(claim);
    CHECK(claim->job.job_id == id);
}

TEST_CASE_METHOD(LedgerCase, "claiming finds the next account's best job through an index") {
    open();
    SQLite::Database database = plain_database();
    const std::string account = plan_of(
        database,
        "SELECT queue, account_uid, priority, seq FROM jobs WHERE ready = 1 AND queue = ?1 "
        "AND account_uid > ?2 ORDER BY account_uid, priority DESC, seq LIMIT 1");
    CHECK(account == "SEARCH jobs USING INDEX jobs_to_claim (queue=? AND account_uid>?)\n");
    const std::string queue = plan_of(
        database,
        "SELECT queue, account_uid, priority, seq FROM jobs WHERE ready = 1 AND queue > ?1 "
        "ORDER BY queue, account_uid, priority DESC, seq LIMIT 1");
    CHECK(queue == "SEARCH jobs USING INDEX jobs_to_claim (queue>?)\n");
    const std::string due = plan_of(
        database,
        "UPDATE jobs SET ready = 1 WHERE status = 'queued' AND has_command = 1 AND ready = 0 "
        "AND open_dependencies = 0 AND held = 0 AND run_after <= ?1");
    CHECK(due == "SEARCH jobs USING INDEX jobs_delayed (run_after<?)\n");
}

TEST_CASE_METHOD(LedgerCase, "a thousand jobs of other accounts do not delay a claim") {
    const auto store = open();
    JobFactory jobs{*store, clock};
    for (int i = 0; i < 1000; ++i) {
        NewJob spec = jobs.command_spec();
        spec.priority = 9;
        jobs.queued(spec);
    }
    {
        // Pretend that another account submitted them.
        SQLite::Database database = plain_database();
        database.exec(
            "DROP TRIGGER jobs_bu_identity; UPDATE jobs SET account_uid = account_uid + "
            "1");
    }
    const JobId own_job = jobs.queued();
    const auto claim = store->claim(own_worker());
    REQUIRE(claim);
    CHECK(claim->job.job_id == own_job);
    CHECK_FALSE(store->claim(own_worker()));
    CHECK(store->count_runnable(AccountId{geteuid()}) == 0);
    CHECK(store->count_runnable({}) == 1000);
    CHECK(store->statistics(kAdmin).oldest_queued_at == clock.now());
}
