#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("A job is named by its number, its id in any case, or as the last") {
    const Sandbox sandbox;
    const std::string first = sandbox.create();
    const std::string second = sandbox.create();
    std::string upper = first;
    std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
    CHECK(sandbox.status("1")["job_id"] == first);
    CHECK(sandbox.status(upper)["job_id"] == first);
    CHECK(sandbox.status("last")["job_id"] == second);
    CHECK(sandbox.run({"status", "77"}).exit_status == 4);
    CHECK(sandbox.run({"status", "0"}).exit_status == 2);
    CHECK(sandbox.run({"status", first.substr(0, 8)}).exit_status == 2);
}

TEST_CASE("Several jobs are one object a line, and one that is missing does not hide the others") {
    const Sandbox sandbox;
    sandbox.create();
    sandbox.create();
    const Ran both = sandbox.run({"status", "2", "1", "--json"});
    CHECK(both.exit_status == 0);
    REQUIRE(lines_in(both.out) == 2);
    CHECK(nlohmann::json::parse(both.out.substr(0, both.out.find('\n')))["seq"] == 2);
    const Ran partly = sandbox.run({"status", "1", "77", "2", "--json"});
    CHECK(partly.exit_status == 4);
    CHECK(lines_in(partly.out) == 2);
    CHECK(partly.error_json()["code"] == "not_found");
}

TEST_CASE("Status without a job shows totals, what is active and what ended lately") {
    const Sandbox sandbox;
    sandbox.create();
    sandbox.create({"--start"});
    sandbox.create({"--start"});
    sandbox.run({"finish", "3", "--error", "broke"});
    sandbox.create({"--principal", "bob"});
    const auto json = sandbox.run({"status", "--json"}).json();
    CHECK(
        json["totals"]
        == nlohmann::json{
            {"queued", 1},
            {"running", 1},
            {"done", 0},
            {"error", 1},
            {"cancelled", 0},
            {"total", 3}});
    REQUIRE(json["active"].size() == 2);
    CHECK(json["active"][0]["seq"] == 2);
    REQUIRE(json["recent"].size() == 1);
    CHECK(json["recent"][0]["error"] == "broke");
    const std::string text = sandbox.run({"status"}).out;
    CHECK_THAT(text, StartsWith("1 queued  1 running  0 done  1 error  0 cancelled\n"));
    CHECK_THAT(text, Contains("\nActive\n") && Contains("\nRecent\n") && Contains("broke"));
}

TEST_CASE("The page of a job tells people what JSON tells programs") {
    const Sandbox sandbox;
    sandbox.create({"--name", "nightly", "--start"});
    sandbox.run({"finish", "1", "--error", "no route\x1b[2J to host"});
    const Ran ran = sandbox.run({"status", "1"});
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.out, StartsWith("1  nightly  error "));
    CHECK_THAT(ran.out, Contains("Why: no route\\u{1b}[2J to host\n"));
    CHECK(ran.out.find('\x1b') == std::string::npos);
}

TEST_CASE("A list is newest first and goes on where its page ended") {
    const Sandbox sandbox;
    std::vector<std::string> newest_first;
    for (int i = 0; i < 5; ++i)
        newest_first.insert(newest_first.begin(), sandbox.create());
    std::vector<std::string> seen;
    std::vector<std::string> words = {"list", "--json", "--limit", "2"};
    for (int page = 0; page < 3; ++page) {
        const auto json = sandbox.run(words).json();
        CHECK(json["total"] == 5);
        for (const auto& job : json["jobs"])
            seen.push_back(job["job_id"]);
        CHECK(json["next_cursor"].is_null() == (page == 2));
        if (page < 2) words = {"list", "--json", "--limit", "2", "--cursor", json["next_cursor"]};
    }
    CHECK(seen == newest_first);
    std::string ids;
    for (const std::string& id : newest_first)
        ids += id + '\n';
    CHECK(sandbox.run({"list", "--ids"}).out == ids);
    const Ran cut = sandbox.run({"list", "--limit", "2"});
    CHECK(lines_in(cut.out) == 3);
    CHECK_THAT(cut.err, Contains("2 of 5 jobs") && Contains("--cursor"));
    CHECK(sandbox.run({"list", "--limit", "2", "-q"}).err.empty());
}

TEST_CASE("Each filter of a list narrows it down") {
    const Sandbox sandbox;
    sandbox.create({"--kind", "sync", "--queue", "a", "--label", "env=prod"});
    sandbox.create(
        {"--kind", "wiki", "--queue", "b", "--label", "env=prod", "--label", "x=1", "--start"});
    sandbox.create({"--kind", "wiki", "--queue", "a", "--name", "needle in hay"});
    sandbox.create({"--kind", "wiki", "--principal", "bob"});
    const auto seqs = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"list", "--json"});
        std::vector<int> numbers;
        const auto json = sandbox.run(words).json();
        for (const auto& job : json["jobs"])
            numbers.push_back(job["seq"]);
        return numbers;
    };
    using Seqs = std::vector<int>;
    CHECK(seqs({}) == Seqs{3, 2, 1});
    CHECK(seqs({"--kind", "wiki"}) == Seqs{3, 2});
    CHECK(seqs({"--queue", "a"}) == Seqs{3, 1});
    CHECK(seqs({"--queue", "a", "--queue", "b"}) == Seqs{3, 2, 1});
    CHECK(seqs({"--status", "running"}) == Seqs{2});
    CHECK(seqs({"--status", "running,queued"}) == Seqs{3, 2, 1});
    CHECK(seqs({"--label", "env=prod"}) == Seqs{2, 1});
    CHECK(seqs({"--label", "env=prod", "--label", "x=1"}) == Seqs{2});
    CHECK(seqs({"--search", "needle"}) == Seqs{3});
    CHECK(seqs({"--since", "1h"}) == Seqs{3, 2, 1});
    CHECK(seqs({"--since", "2100-01-01T00:00:00Z"}).empty());
    CHECK(seqs({"--until", "1h"}).empty());
    CHECK(seqs({"--owner", "bob"}).empty());
    CHECK(seqs({"--owner", "bob", "--admin"}) == Seqs{4});
}

TEST_CASE("Nothing is coloured where no terminal is, unless that is wished") {
    Sandbox sandbox;
    sandbox.create();
    const auto coloured = [&](const std::vector<std::string>& words) {
        return sandbox.run(words).out.find("\x1b[") != std::string::npos;
    };
    CHECK_FALSE(coloured({"status", "1"}));
    CHECK(coloured({"status", "1", "--color", "always"}));
    CHECK_FALSE(coloured({"status", "1", "--color", "never"}));
    CHECK_FALSE(coloured({"status", "1", "--json", "--color", "always"}));
}

TEST_CASE("On a terminal there is colour, but not with NO_COLOR") {
    Sandbox sandbox;
    sandbox.create();
    sandbox.environment()["TERM"] = "xterm";
    // script(1) lends a terminal; it is part of what bootstrap installs.
    const auto at_terminal = [&](const std::string& words) {
        return sandbox.shell("script -qec \"$atlasjob " + words + "\" /dev/null").out;
    };
    CHECK_THAT(at_terminal("status 1"), Contains("\x1b["));
    sandbox.environment()["NO_COLOR"] = "1";
    CHECK_THAT(at_terminal("status 1"), !Contains("\x1b["));
    CHECK_THAT(at_terminal("status 1 --color always"), Contains("\x1b["));
}

TEST_CASE("Who one is comes from the flag, the environment, the account") {
    Sandbox sandbox;
    sandbox.create({"--principal", "carol"});
    CHECK(sandbox.run({"status", "1", "--json", "--admin"}).json()["owner"] == "carol");
    sandbox.create();
    CHECK(sandbox.run({"status", "2", "--json"}).json()["owner"] == "alice");
    sandbox.environment().erase("ATLASJOB_PRINCIPAL");
    sandbox.create();
    const std::string account = sandbox.exec({"id", "-un"}).line();
    CHECK(sandbox.run({"status", "3", "--json"}).json()["owner"] == account);
}
