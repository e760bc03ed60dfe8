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
        "DROP TRIGGER jobs_transition_is_legal; DROP INDEX jobs_running;"
        "CREATE INDEX jobs_running ON jobs (owner); CREATE TABLE notes (text)");
    const Finding found = problem("schema drift");
    CHECK_THAT(found.text, Contains("trigger jobs_transition_is_legal is missing"));
    CHECK_THAT(found.text, Contains("index jobs_running was changed"));
    CHECK_THAT(found.text, Contains("table notes does not belong there"));
}

TEST_CASE_METHOD(HealthCase, "planner statistics are not reported as schema drift") {
    plain_database().exec("ANALYZE");
    CHECK(finding("schema drift").level == Finding::Level::ok);
}

TEST_CASE_METHOD(HealthCase, "a foreign migration is detected by its checksum") {
    plain_database().exec("UPDATE schema_migrations SET sha256 = 'other' WHERE version = 1");
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

TEST_CASE_METHOD(HealthCase, "imported jobs waiting for a retry are noted") {
    CHECK(finding("imported jobs").level == Finding::Level::ok);
    JobRecord record{JobId::make(clock.now())};
    record.job.kind = "command";
    record.job.owner = "alice";
    record.job.created_at = clock.now();
    record.command.emplace();
    record.command->argv = {"make"};
    bool read = false;
    open()->import_jobs(
        {[&]() -> std::optional<JobRecord> {
             if (std::exchange(read, true)) return {};
             return record;
         },
         0});
    const Finding found = finding("imported jobs");
    CHECK(found.level == Finding::Level::note);
    CHECK_THAT(found.text, Contains("1 queued"));
}

TEST_CASE_METHOD(LedgerCase, "pending migrations of an older ledger can be listed and applied") {
    const auto sql = read_file(source_path("tests/store/fixtures/v1.sql"));
    REQUIRE(sql.has_value());
    plain_database().exec(*sql);
    const LedgerLocation location = locate_ledger(path);
    const SchemaSteps before = inspect_schema(location);
    CHECK(before.version == 1);
    CHECK(before.known == sqlite::schema_version(sqlite::all_migrations()));
    CHECK(std::ssize(before.missing) == before.known - 1);
    CHECK(before.missing.front() == "import");
    CHECK(inspect_schema(location).version == 1);
    { const auto store = open(); }
    CHECK(inspect_schema(location).missing.empty());
    for (const Finding& found : open(OpenMode::read)->check_health(true)) {
        INFO(found.subject << ": " << found.text);
        // The checksum of the fixture's own migration is the one of its time.
        CHECK((found.level != Finding::Level::problem || found.subject == "schema"));
    }
}
