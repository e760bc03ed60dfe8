#include "store/sqlite/connection/migration.h"

#include "store/ledger_case.h"

#include <SQLiteCpp/Column.h>

#include <array>

using namespace atlasjob;
using namespace atlasjob::test;
using sqlite::Migration;
using Mode = sqlite::Connection::Mode;

namespace {

/// The program's migrations plus one more, which only lets programs write that know it.
std::vector<Migration> migrations_plus(std::string_view sql) {
    const auto known = sqlite::all_migrations();
    std::vector<Migration> migrations{known.begin(), known.end()};
    const int version = sqlite::schema_version(known) + 1;
    migrations.push_back({version, version, "another", "5e0f", sql});
    return migrations;
}

/// The same, but programs that know the ledger's version may continue writing.
std::vector<Migration> compatible_migrations_plus(std::string_view sql) {
    auto migrations = migrations_plus(sql);
    --migrations.back().writers_from;
    return migrations;
}

struct MigrationCase : LedgerCase {
    MigrationCase() {
        const auto store = open();
        JobFactory{*store, clock}.queued();
    }

    int user_version() const { return number("PRAGMA user_version"); }
    int number(const char* sql) const { return plain_database().execAndGet(sql).getInt(); }
    int number_of_migrations() const { return static_cast<int>(sqlite::all_migrations().size()); }
    int known() const { return sqlite::schema_version(sqlite::all_migrations()); }
    std::vector<OlderAttempt> migrate(std::span<const Migration> migrations) const {
        return sqlite::migrate_ledger(path, migrations, clock.now());
    }
};

const Finding* finding_on(const std::vector<Finding>& findings, std::string_view subject) {
    for (const Finding& finding : findings) {
        if (finding.subject == subject) return &finding;
    }
    return nullptr;
}

constexpr const char* kExtraTable =
    "CREATE TABLE extra (n INTEGER) STRICT; "
    "INSERT INTO extra SELECT seq FROM jobs;";

}  // namespace

TEST_CASE_METHOD(MigrationCase, "a new ledger records its schema version and creator") {
    CHECK(user_version() == known());
    CHECK(number("PRAGMA application_id") == sqlite::kApplicationId);
    CHECK(number("SELECT count(*) FROM schema_migrations") == number_of_migrations());
    auto database = plain_database();
    CHECK(
        database.execAndGet("SELECT sha256 FROM schema_migrations WHERE version = 10").getString()
        == sqlite::all_migrations().front().sha256);
    CHECK(
        database.execAndGet("SELECT name FROM schema_migrations WHERE version = 10").getString()
        == "ledger");
    CHECK(database.execAndGet("PRAGMA journal_mode").getString() == "wal");
}

TEST_CASE_METHOD(MigrationCase, "opening an older ledger for writing migrates it") {
    const auto migrations = compatible_migrations_plus(kExtraTable);
    const auto store = open_with(migrations);
    CHECK(user_version() == known() + 1);
    CHECK(number("SELECT count(*) FROM extra") == 1);
    CHECK(
        plain_database()
            .execAndGet("SELECT applied_at FROM schema_migrations WHERE name = 'another'")
            .getInt64()
        == FakeClock::kStartMs);
    JobFactory{*store, clock}.queued();
    CHECK(store->list({}, kAdmin).total == 2);
}

TEST_CASE_METHOD(
    MigrationCase, "opening an older ledger for reading fails and does not migrate it") {
    const auto migrations = compatible_migrations_plus(kExtraTable);
    CHECK(error_of([&] { open_with(migrations, Mode::read); }) == ErrorCode::unavailable);
    CHECK(user_version() == known());
    open_with(migrations);
    CHECK(open_with(migrations, Mode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(MigrationCase, "a failed migration leaves no changes") {
    const auto broken = compatible_migrations_plus(
        "CREATE TABLE extra (n) STRICT; INSERT INTO nowhere VALUES (1);");
    CHECK(error_of([&] { open_with(broken); }).has_value());
    CHECK(user_version() == known());
    CHECK(number("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'") == 0);
    CHECK(number("SELECT count(*) FROM schema_migrations") == number_of_migrations());
    CHECK(open()->list({}, kAdmin).total == 1);
    CHECK(open_with(compatible_migrations_plus(kExtraTable))->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(LedgerCase, "a failed first migration leaves a usable file") {
    const std::array broken = {
        Migration{10, 10, "broken", "00", "CREATE TABLE a (n); SELECT nothing;"}};
    CHECK(error_of([&] { open_with(broken); }).has_value());
    CHECK(error_of([&] { open(OpenMode::read); }) == ErrorCode::unavailable);
    JobFactory{*open(), clock}.queued();
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(MigrationCase, "a newer ledger can be neither read nor written") {
    plain_database().exec("PRAGMA user_version = " + std::to_string(known() + 1));
    CHECK(error_of([&] { open(OpenMode::read); }) == ErrorCode::newer_ledger);
    CHECK(error_of([&] { open(); }) == ErrorCode::newer_ledger);
    CHECK(user_version() == known() + 1);
}

TEST_CASE_METHOD(
    MigrationCase,
    "a program stops reading and writing after a migration that does not allow its writes") {
    const auto writer = open();
    const auto reader = open(OpenMode::read);
    JobFactory jobs{*writer, clock};
    CHECK(reader->list({}, kAdmin).total == 1);
    const auto migrations = migrations_plus(kExtraTable);
    REQUIRE(migrate(migrations).empty());

    CHECK(error_of([&] { jobs.queued(); }) == ErrorCode::newer_ledger);
    CHECK(error_of([&] { jobs.queued(); }) == ErrorCode::newer_ledger);
    CHECK(
        error_of([&] { static_cast<void>(reader->list({}, kAdmin)); }) == ErrorCode::newer_ledger);
    CHECK(open_with(migrations, Mode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(MigrationCase, "a ledger made with different migrations is reported by a check") {
    const auto store = open();
    REQUIRE(finding_on(store->check_health(false), "schema") != nullptr);
    {
        const auto healthy = store->check_health(false);
        CHECK(finding_on(healthy, "schema")->level == Finding::Level::ok);
    }
    plain_database().exec("UPDATE schema_migrations SET sha256 = 'other' WHERE version = 10");
    const auto findings = store->check_health(false);
    const Finding* schema = finding_on(findings, "schema");
    CHECK(schema->level == Finding::Level::problem);
    CHECK_FALSE(schema->fix.empty());
}

TEST_CASE_METHOD(
    MigrationCase,
    "a program continues reading and writing after a migration that allows its writes") {
    const auto writer = open();
    const auto reader = open(OpenMode::read);
    JobFactory jobs{*writer, clock};
    const AttemptKey attempt = jobs.running(jobs.created_spec());
    REQUIRE(open_with(compatible_migrations_plus(kExtraTable)) != nullptr);
    REQUIRE(user_version() == known() + 1);

    CHECK(writer->finish(attempt, ended_done(), "worker")->status == Status::done);
    CHECK(reader->list({}, kAdmin).total == 2);
    CHECK(JobFactory{*open(), clock}.get(attempt.job_id).status == Status::done);
    const auto findings = open()->check_health(true);
    CHECK(finding_on(findings, "schema")->level == Finding::Level::note);
    CHECK(finding_on(findings, "schema drift")->level == Finding::Level::ok);
}

TEST_CASE_METHOD(
    MigrationCase, "opening a ledger never applies a migration that breaks old programs") {
    const auto migrations = migrations_plus(kExtraTable);
    CHECK(error_of([&] { open_with(migrations); }) == ErrorCode::unavailable);
    CHECK(user_version() == known());
    CHECK(migrate(migrations).empty());
    CHECK(user_version() == known() + 1);
    CHECK(open_with(migrations)->list({}, kAdmin).total == 1);
    CHECK(migrate(migrations).empty());
}

TEST_CASE_METHOD(
    MigrationCase, "a migration that breaks old programs waits until their attempts have ended") {
    const auto migrations = migrations_plus(kExtraTable);
    const auto store = open();
    NewJob spec = JobFactory{*store, clock}.command_spec();
    spec.start_as = AttemptOwner{some_process(4712), kLease};
    const Submitted running = store->submit(spec);
    const auto older = migrate(migrations);
    REQUIRE(older.size() == 1);
    CHECK(older[0].seq == running.seq);
    CHECK(older[0].pid == 4712);
    CHECK(older[0].host == some_process().host);
    CHECK(user_version() == known());

    REQUIRE(store->finish({spec.job_id, 1, running.fence}, ended_done(), "worker"));
    CHECK(migrate(migrations).empty());
    CHECK(user_version() == known() + 1);
}

TEST_CASE_METHOD(
    MigrationCase, "a migration does not wait for attempts without a local supervisor") {
    const auto store = open();
    JobFactory jobs{*store, clock};
    jobs.running(jobs.created_spec());
    CHECK(migrate(migrations_plus(kExtraTable)).empty());
    CHECK(user_version() == known() + 1);
}
