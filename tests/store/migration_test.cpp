#include "store/sqlite/connection/migration.h"

#include "store/ledger_case.h"

#include <SQLiteCpp/Column.h>

#include <array>

using namespace atlasjob;
using namespace atlasjob::test;
using sqlite::Migration;
using Mode = sqlite::Connection::Mode;

namespace {

/// The program's migrations plus one more.
std::vector<Migration> migrations_plus(std::string_view sql) {
    const auto known = sqlite::all_migrations();
    std::vector<Migration> migrations{known.begin(), known.end()};
    migrations.push_back({sqlite::schema_version(known) + 1, "another", "5e0f", sql});
    return migrations;
}

struct MigrationCase : LedgerCase {
    MigrationCase() {
        const auto store = open();
        JobFactory{*store, clock}.queued();
    }

    int user_version() const { return number("PRAGMA user_version"); }
    int number(const char* sql) const { return plain_database().execAndGet(sql).getInt(); }
    int known() const { return sqlite::schema_version(sqlite::all_migrations()); }
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
    CHECK(number("SELECT count(*) FROM schema_migrations") == known());
    auto database = plain_database();
    CHECK(
        database.execAndGet("SELECT sha256 FROM schema_migrations WHERE version = 1").getString()
        == sqlite::all_migrations().front().sha256);
    CHECK(
        database.execAndGet("SELECT name FROM schema_migrations WHERE version = 1").getString()
        == "ledger");
    CHECK(database.execAndGet("PRAGMA journal_mode").getString() == "wal");
}

TEST_CASE_METHOD(MigrationCase, "opening an older ledger for writing migrates it") {
    const auto migrations = migrations_plus(kExtraTable);
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
    const auto migrations = migrations_plus(kExtraTable);
    CHECK(error_of([&] { open_with(migrations, Mode::read); }) == ErrorCode::unavailable);
    CHECK(user_version() == known());
    open_with(migrations);
    CHECK(open_with(migrations, Mode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(MigrationCase, "a failed migration leaves no changes") {
    const auto broken =
        migrations_plus("CREATE TABLE extra (n) STRICT; INSERT INTO nowhere VALUES (1);");
    CHECK(error_of([&] { open_with(broken); }).has_value());
    CHECK(user_version() == known());
    CHECK(number("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'") == 0);
    CHECK(number("SELECT count(*) FROM schema_migrations") == known());
    CHECK(open()->list({}, kAdmin).total == 1);
    CHECK(open_with(migrations_plus(kExtraTable))->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(LedgerCase, "a failed first migration leaves a usable file") {
    const std::array broken = {Migration{1, "broken", "00", "CREATE TABLE a (n); SELECT nothing;"}};
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
    MigrationCase, "a program older than an upgrade made meanwhile stops reading and writing") {
    const auto writer = open();
    const auto reader = open(OpenMode::read);
    JobFactory jobs{*writer, clock};
    CHECK(reader->list({}, kAdmin).total == 1);
    const auto migrations = migrations_plus(kExtraTable);
    open_with(migrations);

    CHECK(error_of([&] { jobs.queued(); }) == ErrorCode::newer_ledger);
    CHECK(error_of([&] { jobs.queued(); }) == ErrorCode::newer_ledger);
    CHECK(error_of([&] { reader->list({}, kAdmin); }) == ErrorCode::newer_ledger);
    CHECK(open_with(migrations, Mode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(MigrationCase, "a ledger made with different migrations is reported by a check") {
    const auto store = open();
    REQUIRE(finding_on(store->check_health(false), "schema") != nullptr);
    {
        const auto healthy = store->check_health(false);
        CHECK(finding_on(healthy, "schema")->level == Finding::Level::ok);
    }
    plain_database().exec("UPDATE schema_migrations SET sha256 = 'other' WHERE version = 1");
    const auto findings = store->check_health(false);
    const Finding* schema = finding_on(findings, "schema");
    CHECK(schema->level == Finding::Level::problem);
    CHECK_FALSE(schema->fix.empty());
}
