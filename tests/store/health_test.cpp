#include "store/ledger_case.h"
#include "support/places.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

struct HealthCase : LedgerCase {
    HealthCase() {
        const auto store = open();
        JobFactory jobs{*store, clock};
        for (const Status status : kStatuses)
            jobs.in(status, jobs.created_spec());
    }

    Finding finding(const std::string& subject) const {
        const auto findings = open(OpenMode::read)->check_health(true);
        const auto found = std::ranges::find(findings, subject, &Finding::subject);
        REQUIRE(found != findings.end());
        return *found;
    }
    /// The finding on `subject`, which must be a problem with a fix.
    Finding problem(const std::string& subject) const {
        Finding found = finding(subject);
        INFO(found.subject << ": " << found.text);
        CHECK(found.level == Finding::Level::problem);
        CHECK_FALSE(found.fix.empty());
        return found;
    }
};

}  // namespace

TEST_CASE_METHOD(HealthCase, "a healthy ledger has no problems and the check changes nothing") {
    const auto before = files_below(dir.path());
    for (const Finding& found : open(OpenMode::read)->check_health(true)) {
        INFO(found.subject << ": " << found.text);
        CHECK(found.level != Finding::Level::problem);
        CHECK_FALSE(found.code.has_value());
    }
    const auto after = files_below(dir.path());
    CHECK(after.at(path) == before.at(path));
}

TEST_CASE_METHOD(HealthCase, "missing and changed and foreign schema objects are named") {
    plain_database().exec(
        "DROP TRIGGER jobs_bu_transition; DROP INDEX jobs_running;"
        "CREATE INDEX jobs_running ON jobs (owner); CREATE TABLE notes (text)");
    const Finding found = problem("schema drift");
    CHECK_THAT(found.text, Contains("trigger jobs_bu_transition is missing"));
    CHECK_THAT(found.text, Contains("index jobs_running was changed"));
    CHECK_THAT(found.text, Contains("table notes does not belong there"));
}

TEST_CASE_METHOD(HealthCase, "planner statistics are not reported as schema drift") {
    plain_database().exec("ANALYZE");
    CHECK(finding("schema drift").level == Finding::Level::ok);
}

TEST_CASE_METHOD(HealthCase, "a foreign migration is detected by its checksum") {
    plain_database().exec("UPDATE schema_migrations SET sha256 = 'other' WHERE version = 10");
    CHECK_THAT(problem("schema").text, Contains("ledger"));
}

TEST_CASE_METHOD(HealthCase, "wrong counters are detected") {
    plain_database().exec("UPDATE counters SET jobs = jobs + 1");
    problem("counters");
}

TEST_CASE_METHOD(HealthCase, "a row without its job is detected as damage") {
    plain_database().exec("PRAGMA foreign_keys = OFF; INSERT INTO labels VALUES (999, 'a', 'b')");
    CHECK(problem("references").code == ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(HealthCase, "a damaged page is detected and the other checks still run") {
    {
        std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(4096L * 7);
        file << std::string(4096L * 3, '\xAA');
    }
    CHECK(problem("content").code == ErrorCode::not_a_ledger);
    CHECK(finding("sqlite").level != Finding::Level::problem);
}

TEST_CASE_METHOD(HealthCase, "a held writer lock is reported with its holder") {
    const UniqueFd lock = open_file(path + ".gate", O_RDWR);
    REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
    const Finding found = problem("write lock");
    CHECK(found.code == ErrorCode::unavailable);
    CHECK_THAT(found.text, Contains(std::to_string(::getpid())));
}

TEST_CASE_METHOD(HealthCase, "an unusable change signal is reported") {
    std::filesystem::remove(path + ".bell");
    CHECK(finding("change signal").level == Finding::Level::note);
    std::filesystem::create_directory(path + ".bell");
    problem("change signal");
}

TEST_CASE_METHOD(HealthCase, "machines that were cloned with their machine id are named") {
    const auto store = open();
    NewWorker worker{some_process(1), {}, 1};
    worker.process.machine_id = "0123456789abcdef0123456789abcdef";
    static_cast<void>(store->register_worker(worker));
    CHECK(finding("machines").level == Finding::Level::ok);
    // Another worker of that machine and boot.
    worker.process.pid = 2;
    static_cast<void>(store->register_worker(worker));
    CHECK(finding("machines").level == Finding::Level::ok);

    worker.process.boot_id = "00000000-0000-4000-8000-000000000000";
    worker.process.host = "clone";
    SECTION("two workers") {
        static_cast<void>(store->register_worker(worker));
    }
    SECTION("a worker and a supervisor") {
        NewJob job = JobFactory{*store, clock}.command_spec();
        job.start_as = AttemptOwner{worker.process, kLease};
        store->submit(job);
    }
    CHECK_THAT(problem("machines").text, Contains("clone") && Contains(some_process().host));
    // A worker that has not been heard of for longer than a lease may be of an earlier boot.
    clock.advance(kLease);
    CHECK(finding("machines").level == Finding::Level::ok);
}

TEST_CASE_METHOD(HealthCase, "imported jobs waiting for a retry are noted") {
    CHECK(finding("imported jobs").level == Finding::Level::ok);
    JobRecord record{JobId::make(clock.now())};
    record.job.kind = "command";
    record.job.owner = "alice";
    record.job.created_at = clock.now();
    record.command.emplace();
    record.command->argv = {"make"};
    bool read = false;
    static_cast<void>(open()->import_jobs(
        {[&]() -> std::optional<JobRecord> {
             if (std::exchange(read, true)) return {};
             return record;
         },
         0}));
    const Finding found = finding("imported jobs");
    CHECK(found.level == Finding::Level::note);
    CHECK_THAT(found.text, Contains("1 queued"));
}

TEST_CASE_METHOD(LedgerCase, "a ledger of this schema version has no pending migrations") {
    const LedgerAddress address = parse_address(path);
    { const auto store = open(); }
    const SchemaSteps steps = inspect_schema(address);
    CHECK(steps.version == steps.known);
    CHECK(steps.known == sqlite::schema_version(sqlite::all_migrations()));
    CHECK(steps.missing.empty());
}
