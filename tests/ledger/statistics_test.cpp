#include "ledger/statistics.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace std::chrono_literals;

namespace {

/// The percentiles of jobs that ran for 1 to `count` ms, given in descending order.
DurationsOfKind of_first(int count) {
    std::vector<JobDuration> durations;
    for (int ms = count; ms > 0; --ms)
        durations.push_back({"sync", milliseconds{ms}});
    Statistics statistics;
    add_durations(statistics, durations);
    return statistics.all.value();
}

}  // namespace

TEST_CASE("percentiles use the nearest-rank method") {
    struct Expected {
        int count;
        milliseconds p50;
        milliseconds p95;
    };
    // Computed by hand: the rank is the percentage of the count, rounded up.
    for (const auto& [count, p50, p95] :
         {Expected{1, 1ms, 1ms}, Expected{2, 1ms, 2ms}, Expected{3, 2ms, 3ms},
          Expected{19, 10ms, 19ms}, Expected{20, 10ms, 19ms}, Expected{21, 11ms, 20ms},
          Expected{100, 50ms, 95ms}, Expected{101, 51ms, 96ms}}) {
        CAPTURE(count);
        const DurationsOfKind found = of_first(count);
        CHECK(found.jobs == count);
        CHECK(found.p50 == p50);
        CHECK(found.p95 == p95);
    }
}

TEST_CASE("durations are listed by kind in name order and in total") {
    Statistics statistics;
    add_durations(statistics, {{"b", 3ms}, {"a", 5ms}, {"b", 1ms}});
    REQUIRE(statistics.by_kind.size() == 2);
    CHECK(statistics.by_kind[0].kind == "a");
    CHECK(statistics.by_kind[0].p50 == 5ms);
    CHECK(statistics.by_kind[1].kind == "b");
    CHECK(statistics.by_kind[1].jobs == 2);
    CHECK(statistics.by_kind[1].p50 == 1ms);
    CHECK(statistics.by_kind[1].p95 == 3ms);
    REQUIRE(statistics.all);
    CHECK(statistics.all->kind.empty());
    CHECK(statistics.all->jobs == 3);
    CHECK(statistics.all->p50 == 3ms);
}

TEST_CASE("there are no durations if nothing ran") {
    Statistics statistics;
    add_durations(statistics, {});
    CHECK_FALSE(statistics.all);
    CHECK(statistics.by_kind.empty());
}
