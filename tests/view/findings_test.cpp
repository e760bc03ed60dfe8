#include "view/findings.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using Level = Finding::Level;

namespace {

const std::vector<Finding> kFindings = {
    {Level::ok, "schema", "version 1", ""},
    {Level::note, "sqlite", "3.40.1 has the WAL-reset bug", "upgrade"},
};

}  // namespace

TEST_CASE("a ledger with notes is healthy, one with a problem is not") {
    std::vector<Finding> findings = kFindings;
    CHECK(view::is_healthy(findings));
    findings.push_back({Level::problem, "file", "damaged", "restore it"});
    CHECK_FALSE(view::is_healthy(findings));
    CHECK(
        view::findings_json("/l.db", findings)
        == R"({"healthy":false,"ledger":"/l.db","findings":[)"
           R"({"level":"ok","subject":"schema","text":"version 1","fix":null},)"
           R"({"level":"note","subject":"sqlite","text":"3.40.1 has the WAL-reset bug","fix":"upgrade"},)"
           R"({"level":"problem","subject":"file","text":"damaged","fix":"restore it"}]})");
}

TEST_CASE("findings are printed one a line with the fix below and the verdict last") {
    CHECK(
        view::findings_text("/l.db", kFindings, {})
        == "ledger /l.db\n"
           "  ok       schema  version 1\n"
           "  note     sqlite  3.40.1 has the WAL-reset bug\n"
           "                   -> upgrade\n"
           "healthy\n");
}

TEST_CASE("an error as JSON has its code, and null for a missing hint") {
    CHECK(
        view::error_json(Error{ErrorCode::not_found, "alice has no job 7", "see atlasjob list"})
        == R"({"error":{"code":"not_found","message":"alice has no job 7","hint":"see atlasjob list"}})");
    CHECK(
        view::error_json(Error{ErrorCode::internal, "a \"quote\""})
        == R"({"error":{"code":"internal","message":"a \"quote\"","hint":null}})");
}
