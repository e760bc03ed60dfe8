#include "cli/options/filters.h"

#include "base/error.h"
#include "cli/options/arguments.h"
#include "cli/options/command_line.h"
#include "support/fake_clock.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace atlasjob::cli;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

const Time kNow = from_ms(test::FakeClock::kStartMs);

JobFilter filter_of(const std::vector<std::string>& args) {
    Filters filters;
    Arguments arguments{"atlasjob list"};
    declare_filters(arguments, filters);
    CommandLine line;
    line.arguments = args;
    static_cast<void>(arguments.parse(line, false));
    return filters.at(kNow);
}

}  // namespace

TEST_CASE("repeated filters accumulate and different filters combine") {
    const JobFilter filter = filter_of(
        {"--status", "running,error", "--status", "done", "--kind", "sync", "--kind=[wiki]",
         "--label", "a=1", "--queue", "q", "--owner", "bob", "--search", "[x]"});
    CHECK(filter.statuses == std::vector{Status::running, Status::error, Status::done});
    CHECK(filter.kinds == std::vector<std::string>{"sync", "[wiki]"});
    CHECK(filter.labels == std::vector{Label{"a", "1"}});
    CHECK(filter.queues == std::vector<std::string>{"q"});
    CHECK(filter.owners == std::vector<std::string>{"bob"});
    CHECK(filter.search == "[x]");
}

TEST_CASE("options --since and --until take a time or a duration before now") {
    CHECK(filter_of({"--since", "2026-11-22T11:00:00+01:00"}).since == kNow - 2h);
    CHECK(filter_of({"--since", "90m"}).since == kNow - 90min);
    CHECK(filter_of({"--until", "1d"}).until == kNow - 24h);
    CHECK_FALSE(filter_of({}).since);
    CHECK_THROWS_WITH(filter_of({"--since", "someday"}), Contains("--since \"someday\""));
}

TEST_CASE("an unknown status in a filter is an error that suggests the nearest one") {
    CHECK_THROWS_WITH(filter_of({"--status", "runing"}), Contains("did you mean running?"));
    CHECK_THROWS_WITH(filter_of({"--status", "succeeded"}), Contains("use queued, running"));
}

TEST_CASE("an unknown option is an error that suggests the nearest one") {
    CHECK_THROWS_WITH(filter_of({"--statsu", "done"}), Contains("did you mean --status?"));
    CHECK_THROWS_WITH(filter_of({"--zzz=1"}), Contains("unknown option --zzz"));
}

TEST_CASE("an option without a value and an extra argument are usage errors") {
    CHECK_THROWS_WITH(filter_of({"--kind"}), Contains("--kind"));
    CHECK_THROWS_WITH(filter_of({"stray"}), Contains("unexpected argument \"stray\""));
}
