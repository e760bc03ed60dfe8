#include "store/sqlite/connection/query.h"

#include "store/ledger_case.h"

using namespace atlasjob;
using namespace atlasjob::test;
using sqlite::Query;

namespace {

constexpr const char* kSum = R"sql(
    SELECT :a + :b AS sum, :a AS a, :a - :b AS difference
)sql";

struct QueryCase : LedgerCase {
    std::unique_ptr<Store> store = open();
    sqlite::Connection connection{
        path, sqlite::Connection::Mode::read, schema_version(sqlite::all_migrations())};
};

}  // namespace

TEST_CASE_METHOD(QueryCase, "parameters and columns are found by name in any order") {
    for (int i = 0; i < 2; ++i) {
        Query query{connection, kSum};
        REQUIRE(query.bind("b", 30 + i).bind("a", 10).step());
        CHECK(query.integer("difference") == -20 - i);
        CHECK(query.integer("sum") == 40 + i);
        CHECK(query.integer("sum") == 40 + i);
        CHECK(query.integer("a") == 10);
        CHECK_FALSE(query.step());
        CHECK_FALSE(query.step());
    }
}

TEST_CASE_METHOD(QueryCase, "an empty text is not NULL, an empty optional is") {
    Query query{connection, "SELECT :text AS text, :blob AS blob, :none AS none"};
    query.bind("text", std::string_view{}).bind("blob", sqlite::Blob{});
    query.bind("none", std::optional<std::string>{}).step();
    CHECK_FALSE(query.is_null("text"));
    CHECK_FALSE(query.is_null("blob"));
    CHECK(query.optional_text("none") == std::nullopt);
}

TEST_CASE_METHOD(QueryCase, "a name that the statement does not have is an internal error") {
    Query query{connection, kSum};
    CHECK(error_of([&] { query.bind("c", 1); }) == ErrorCode::internal);
    query.bind("a", 1).bind("b", 2).step();
    CHECK(error_of([&] { query.integer("c"); }) == ErrorCode::internal);
}

TEST_CASE_METHOD(QueryCase, "a statement does not run before every parameter is bound") {
    Query query{connection, kSum};
    query.bind("a", 1);
    CHECK(error_of([&] { query.step(); }) == ErrorCode::internal);
}

TEST_CASE_METHOD(QueryCase, "a column cannot be read before the first row or after the last") {
    Query query{connection, "SELECT 1 AS one"};
    CHECK(error_of([&] { query.integer("one"); }) == ErrorCode::internal);
    REQUIRE(query.step());
    CHECK(query.integer("one") == 1);
    CHECK_FALSE(query.step());
    CHECK(error_of([&] { query.integer("one"); }) == ErrorCode::internal);
}

TEST_CASE_METHOD(QueryCase, "names stay right when the schema changes under a statement") {
    constexpr const char* kNames = R"sql(
        SELECT seq, job_id FROM jobs WHERE seq > :after ORDER BY seq
    )sql";
    CHECK_FALSE(Query{connection, kNames}.bind("after", 0).step());
    plain_database().exec("CREATE INDEX another ON jobs (seq, job_id)");
    const JobId id = JobFactory{*store, clock}.queued();
    Query query{connection, kNames};
    REQUIRE(query.bind("after", 0).step());
    CHECK(query.text("job_id") == id.view());
    CHECK(query.integer("seq") == 1);
}
