#include "store/ledger_case.h"
#include "support/random_ledger.h"

#include <fcntl.h>

#include <algorithm>
#include <functional>
#include <random>
#include <typeinfo>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPage = 4096;

struct DamageCase : LedgerCase {
    DamageCase() {
        const auto store = open();
        RandomLedger{*store, clock, 7}.add(40);
        store->optimize();
        clock.advance(24h);
    }

    void put(const std::string& content) const {
        for (const char* sibling : {"-wal", "-shm"})
            std::filesystem::remove(path + sibling);
        const UniqueFd fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        REQUIRE(write_all(fd.get(), content));
    }

    /// What every command does with a ledger, by name.
    static std::map<std::string, std::function<void(Store&)>> uses() {
        return {
            {"list", [](Store& s) { static_cast<void>(s.list({}, kAdmin)); }},
            {"search",
             [](Store& s) {
                 ListQuery query;
                 query.filter.search = "make";
                 static_cast<void>(s.list(query, kAdmin));
             }},
            {"events", [](Store& s) { static_cast<void>(s.events_since({}, kAdmin)); }},
            {"stats", [](Store& s) { static_cast<void>(s.statistics(kAdmin)); }},
            {"export",
             [](Store& s) { s.export_jobs({}, kAdmin, [](const JobRecord&) { return true; }); }},
            {"doctor", [](Store& s) { static_cast<void>(s.check_health(true)); }},
            {"running", [](Store& s) { static_cast<void>(s.running_attempts()); }},
            {"submit",
             [](Store& s) {
                 FakeClock clock;
                 NewJob job{JobId::make(clock.now())};
                 job.owner = "alice";
                 s.submit(job);
             }},
            {"prune",
             [](Store& s) {
                 while (!s.prune({0ms, 0ms, 0ms}, 10).empty()) {
                 }
             }},
            {"optimize", [](Store& s) { s.optimize(); }}};
    }

    /// How a use of the ledger fails: empty if it does not, or as it should.
    std::string fault_of(const std::function<void(Store&)>& use) const {
        try {
            const auto store = open(OpenMode::write);
            use(*store);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::not_a_ledger) return {};
            return error.message();
        } catch (const std::exception& other) {
            return std::string{typeid(other).name()} + ": " + other.what();
        }
        return {};
    }
};

}  // namespace

TEST_CASE_METHOD(DamageCase, "a page with the content of another is damage, and no bug") {
    const std::string whole = read_file(path).value();
    const std::size_t pages = whole.size() / kPage;
    std::mt19937 random{1};
    for (std::size_t page = 1; page < pages; page += 4) {
        const std::size_t other = 1 + random() % (pages - 1);
        std::string damaged = whole;
        damaged.replace(page * kPage, kPage, whole, other * kPage, kPage);
        for (const auto& [name, use] : uses()) {
            put(damaged);
            INFO(name << " with page " << other + 1 << " in place of page " << page + 1);
            CHECK(fault_of(use) == "");
        }
    }
}

TEST_CASE_METHOD(DamageCase, "a schema with other names is damage") {
    const std::string whole = read_file(path).value();
    std::string damaged = whole;
    const std::size_t at = damaged.find("    message             TEXT,");
    REQUIRE(at != std::string::npos);
    damaged.replace(at + 4, 7, "messagf");
    put(damaged);
    const auto store = open(OpenMode::write);
    for (const char* name : {"list", "export"}) {
        INFO(name);
        CHECK(error_of([&] { uses().at(name)(*store); }) == ErrorCode::not_a_ledger);
    }
}

TEST_CASE_METHOD(DamageCase, "a text index of an unknown format is damage, and doctor names it") {
    plain_database().exec("UPDATE job_texts_config SET v = 9 WHERE k = 'version'");
    CHECK(error_of([&] { uses().at("search")(*open()); }) == ErrorCode::not_a_ledger);
    CHECK(error_of([&] { uses().at("optimize")(*open()); }) == ErrorCode::not_a_ledger);
    const auto findings = open(OpenMode::read)->check_health(true);
    const auto found = std::ranges::find(findings, "text index", &Finding::subject);
    REQUIRE(found != findings.end());
    CHECK(found->code == ErrorCode::not_a_ledger);
}

TEST_CASE_METHOD(DamageCase, "a value that no program writes is damage") {
    const auto jobs = open()->list({}, kAdmin).jobs;
    REQUIRE_FALSE(jobs.empty());
    SQLite::Database database = plain_database();
    database.exec("PRAGMA ignore_check_constraints = ON");
    database.exec("DROP TRIGGER jobs_bu_identity; DROP TRIGGER jobs_bu_terminal");
    database.exec("UPDATE jobs SET job_id = 'x' WHERE seq = 1");
    CHECK(error_of([&] { uses().at("list")(*open()); }) == ErrorCode::not_a_ledger);
    CHECK(error_of([&] { uses().at("export")(*open()); }) == ErrorCode::not_a_ledger);
}
