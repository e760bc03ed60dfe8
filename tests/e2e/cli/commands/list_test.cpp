#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("list is newest first, and --cursor continues after the last page") {
    const Sandbox sandbox;
    std::vector<std::string> newest_first;
    for (int i = 0; i < 5; ++i)
        newest_first.insert(newest_first.begin(), sandbox.create());
    std::vector<std::string> listed;
    std::vector<std::string> args = {"list", "--json", "--limit", "2"};
    for (int page = 0; page < 3; ++page) {
        const auto json = sandbox.run(args).json();
        CHECK(json["total"] == 5);
        for (const auto& job : json["jobs"])
            listed.push_back(job["job_id"]);
        CHECK(json["next_cursor"].is_null() == (page == 2));
        if (page < 2) args = {"list", "--json", "--limit", "2", "--cursor", json["next_cursor"]};
    }
    CHECK(listed == newest_first);
    std::string ids;
    for (const std::string& id : newest_first)
        ids += id + '\n';
    CHECK(sandbox.run({"list", "--ids"}).out == ids);
    const Ran cut = sandbox.run({"list", "--limit", "2"});
    CHECK(lines_in(cut.out) == 3);
    CHECK_THAT(cut.err, Contains("2 of 5 jobs") && Contains("--cursor"));
    CHECK(sandbox.run({"list", "--limit", "2", "-q"}).err.empty());
}

TEST_CASE("each filter of list selects the matching jobs") {
    const Sandbox sandbox;
    sandbox.create({"--kind", "sync", "--queue", "a", "--label", "env=prod"});
    sandbox.create(
        {"--kind", "wiki", "--queue", "b", "--label", "env=prod", "--label", "x=1", "--start"});
    sandbox.create({"--kind", "wiki", "--queue", "a", "--name", "needle in hay"});
    sandbox.create({"--kind", "wiki", "--principal", "bob"});
    const auto seqs = [&](std::vector<std::string> args) {
        args.insert(args.begin(), {"list", "--json"});
        std::vector<int> numbers;
        const auto json = sandbox.run(args).json();
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
