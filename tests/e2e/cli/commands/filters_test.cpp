#include "e2e/cli/sandbox.h"
#include "e2e/cli/terminal/at_terminal.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr const char* kMatching = "01a20320-a2fb-7a02-b2c2-1d3e4f506071";
constexpr const char* kOther = "01a20320-a2fb-7a02-b2c2-1d3e4f506072";

/// A command that takes filters. The two jobs have `status`; for --status, the other job has
/// `other_status`.
struct Verb {
    std::vector<std::string> args;
    std::string status;
    std::string other_status;
    std::string status_after;  ///< Of a job that it acted on; empty if it is deleted.
    int exit_status = 0;
};

const std::array kVerbs = {
    Verb{{"list"}, "done", "error", "done"},
    Verb{{"export"}, "done", "error", "done"},
    Verb{{"status"}, "done", "error", "done"},
    Verb{{"wait", "--timeout", "0s"}, "queued", "running", "queued", 75},
    Verb{{"cancel", "--yes"}, "queued", "running", "cancelled"},
    Verb{{"retry", "--yes"}, "error", "cancelled", "queued"},
    Verb{{"rm", "--yes"}, "done", "error", ""},
};

/// A filter, and what makes a job match it and another not.
struct Filter {
    std::string option;
    std::string value;
    json matching;
    json other;
};

std::vector<Filter> filters_for(const Verb& verb) {
    return {
        {"--status", verb.status, {}, {{"status", verb.other_status}}},
        {"--kind", "sync", {{"kind", "sync"}}, {{"kind", "sync2"}}},
        {"--queue", "bulk", {{"queue", "bulk"}}, {{"queue", "default"}}},
        {"--label", "host=db1", {{"labels", {{"host", "db1"}}}}, {{"labels", {{"host", "db2"}}}}},
        {"--owner", "bob", {{"owner", "bob"}}, {{"owner", "alice"}}},
        {"--since", "2026-01-02T00:00:00Z", {{"created_at", "2026-01-02T00:00:00.000Z"}}, {}},
        {"--until", "2026-01-01T00:00:00Z", {{"created_at", "2025-12-31T23:59:59.999Z"}}, {}},
        {"--search", "needle", {{"name", "a Needle b"}}, {{"name", "hay"}}},
    };
}

std::string record(const char* job_id, const Verb& verb, const json& changes) {
    json job = {
        {"job_id", job_id},
        {"kind", "probe"},
        {"status", verb.status},
        {"owner", "alice"},
        {"created_at", "2026-01-01T00:00:00.000Z"}};
    if (changes.is_object()) job.update(changes);
    return job.dump() + '\n';
}

std::vector<std::string> operator+(std::vector<std::string> args, std::vector<std::string> more) {
    args.insert(args.end(), more.begin(), more.end());
    return args;
}

json status_of(const Sandbox& sandbox, const char* job_id) {
    const Ran ran = sandbox.run({"status", job_id, "--admin", "--json"});
    return ran.exit_status == 0 ? ran.json()["status"] : json{};
}

}  // namespace

TEST_CASE("every filter of every command selects the matching job and no other") {
    for (const Verb& verb : kVerbs) {
        for (const Filter& filter : filters_for(verb)) {
            INFO(verb.args[0] << ' ' << filter.option << ' ' << filter.value);
            const Sandbox sandbox;
            REQUIRE(
                sandbox
                    .run(
                        {"import", "--admin", "-"}, record(kMatching, verb, filter.matching)
                                                        + record(kOther, verb, filter.other))
                    .exit_status
                == 0);
            const json untouched = status_of(sandbox, kOther);
            const Ran ran = sandbox.run(
                verb.args
                + std::vector{
                    filter.option, filter.value, std::string{"--admin"}, std::string{"--json"}});
            CHECK(ran.exit_status == verb.exit_status);
            CHECK_THAT(ran.out, Contains(kMatching) && !Contains(kOther));
            const json after = status_of(sandbox, kMatching);
            CHECK(after == (verb.status_after.empty() ? json{} : json(verb.status_after)));
            CHECK(status_of(sandbox, kOther) == untouched);
        }
    }
}

TEST_CASE("filters that match no job are no error, but no job and no filter is one") {
    const Sandbox sandbox;
    sandbox.create();
    for (const std::string verb : {"wait", "cancel", "retry", "rm", "status"}) {
        INFO(verb);
        std::vector<std::string> none = {verb, "--search", "nothing like it"};
        if (verb != "wait" && verb != "status") none.emplace_back("--yes");
        const Ran ran = sandbox.run(none);
        CHECK(ran.exit_status == 0);
        CHECK(ran.out.empty());
        CHECK(ran.err == "atlasjob: no job matches\n");
        const Ran quiet = sandbox.run(none + std::vector<std::string>{"-q"});
        CHECK(quiet.exit_status == 0);
        CHECK(quiet.err.empty());
        CHECK(sandbox.run({verb, "1", "--kind", "probe"}).exit_status == 2);
        if (verb == "status") continue;  // Without JOB, it shows an overview.
        const Ran nothing = sandbox.run({verb});
        CHECK(nothing.exit_status == 2);
        CHECK_THAT(
            nothing.err, Contains("no JOB and no filters given") && Contains("--status")
                             && Contains("--search"));
    }
}

TEST_CASE("list and export find the same jobs by the text of their command") {
    const Sandbox sandbox;
    const std::string made = sandbox.run({"submit", "--", "Make", "all"}).line();
    sandbox.run({"submit", "--", "true"});
    CHECK(sandbox.run({"list", "--search", "make ALL", "--ids"}).line() == made);
    const Ran exported = sandbox.run({"export", "--search", "make ALL"});
    CHECK(json::parse(exported.out)["job_id"] == made);
}

TEST_CASE("wait with filters waits for the jobs that match when it starts") {
    const Sandbox sandbox;
    sandbox.create({"--kind", "sync", "--name", "first", "--start"});
    sandbox.create({"--kind", "sync", "--name", "second"});
    sandbox.create({"--kind", "sync", "--name", "ended", "--start"});
    sandbox.create({"--kind", "wiki", "--name", "other", "--start"});
    sandbox.run({"finish", "3", "--error", "broken"});
    AtTerminal waiting{sandbox, {"wait", "--kind", "sync"}};
    REQUIRE(waiting.wait_until_shown("first   running"));
    sandbox.create({"--kind", "sync", "--name", "late", "--start"});
    sandbox.run({"cancel", "2"});
    REQUIRE(waiting.wait_until_shown("second  cancelled"));
    sandbox.run({"finish", "1"});
    CHECK(waiting.wait() == 3);
    CHECK(waiting.screen().lines().size() == 2);
}

TEST_CASE("wait with filters for ended jobs exits with the code of how they ended") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    sandbox.create({"--start"});
    sandbox.run({"finish", "1", "--error", "broken"});
    sandbox.run({"finish", "2"});
    CHECK(sandbox.run({"wait", "--status", "done"}).exit_status == 0);
    const Ran ran = sandbox.run({"wait", "--status", "error", "--json"});
    CHECK(ran.exit_status == 1);
    CHECK(ran.json()["seq"] == 1);
}

TEST_CASE("wait with filters and no time left names the jobs that are still running") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    sandbox.create({"--start"});
    const Ran ran = sandbox.run({"wait", "--status", "running", "--timeout", "0s"});
    CHECK(ran.exit_status == 75);
    CHECK_THAT(ran.err, Contains("job 1 is still running") && Contains("job 2 is still running"));
}

TEST_CASE("rm with filters deletes ended jobs only, and only with --yes") {
    const Sandbox sandbox;
    for (int n = 0; n < 3; ++n)
        sandbox.create({"--kind", "sync", "--start"});
    sandbox.run({"finish", "1"});
    sandbox.run({"finish", "2", "--error", "broken"});
    CHECK(sandbox.run({"rm", "--kind", "sync"}).exit_status == 2);
    CHECK(sandbox.run({"rm", "--status", "running", "--yes"}).exit_status == 2);
    const Ran ran = sandbox.run({"rm", "--kind", "sync", "--yes"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "job 2 was deleted\njob 1 was deleted\n");
    CHECK(sandbox.run({"list", "--format", "{seq}"}).out == "3\n");
}

TEST_CASE("status with filters shows each matching job") {
    const Sandbox sandbox;
    for (const char* const kind : {"sync", "wiki", "sync"})
        sandbox.create({"--kind", kind});
    const Ran ran = sandbox.run({"status", "--kind", "sync"});
    CHECK(ran.exit_status == 0);
    CHECK_THAT(
        ran.out, Contains("atlasjob start 3") && Contains("atlasjob start 1")
                     && !Contains("atlasjob start 2"));
}
