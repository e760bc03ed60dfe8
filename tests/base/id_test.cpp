#include "base/id.h"

#include "support/fake_clock.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>
#include <set>
#include <vector>

using namespace atlasjob;
using namespace std::chrono_literals;

namespace {

using TestId = Id<struct TestTag>;
using OtherId = Id<struct OtherTag>;

static_assert(!std::is_convertible_v<TestId, OtherId>, "ids of different things do not mix");
static_assert(!std::is_default_constructible_v<TestId>, "there is no empty id");

constexpr std::string_view kKnown = "01a20320-a2fb-7a02-b2c2-1d3e4f506071";
/// Later than the ids of all other tests, so that the process-wide sequence starts anew.
constexpr Time kFarFuture = from_ms(4'000'000'000'000);

std::uint64_t milliseconds_in(const TestId& id) {
    const std::string hex = id.str().substr(0, 8) + id.str().substr(9, 4);
    return std::stoull(hex, nullptr, 16);
}

std::vector<TestId> make_many(std::size_t count, Time now) {
    std::vector<TestId> ids;
    ids.reserve(count);
    for (std::size_t n = 0; n < count; ++n)
        ids.push_back(TestId::make(now));
    return ids;
}

}  // namespace

TEST_CASE("200000 ids created in one millisecond are strictly increasing") {
    const auto ids = make_many(200'000, from_ms(test::FakeClock::kStartMs));
    const auto out_of_order = std::ranges::adjacent_find(
        ids, [](const TestId& a, const TestId& b) { return a.view() >= b.view(); });
    CHECK(out_of_order == ids.end());
}

TEST_CASE("an id is a lower-case version 7 UUID of the RFC 9562 variant") {
    for (const TestId& id : make_many(1'000, from_ms(test::FakeClock::kStartMs))) {
        const std::string_view text = id.view();
        REQUIRE(text.size() == 36);
        REQUIRE(text[14] == '7');
        REQUIRE(std::string_view{"89ab"}.find(text[19]) != std::string_view::npos);
        REQUIRE(text.find_first_not_of("0123456789abcdef-") == std::string_view::npos);
        REQUIRE(TestId::parse(text) == id);
    }
}

TEST_CASE("an id starts with its creation time in milliseconds") {
    CHECK(milliseconds_in(TestId::make(kFarFuture)) == 4'000'000'000'000);
    CHECK(milliseconds_in(TestId::make(kFarFuture + 1ms)) == 4'000'000'000'001);
}

TEST_CASE("ids keep increasing when the clock steps back") {
    const TestId before = TestId::make(kFarFuture + 1h);
    const TestId stepped_back = TestId::make(kFarFuture);
    const TestId caught_up = TestId::make(kFarFuture + 2h);
    CHECK(before < stepped_back);
    CHECK(stepped_back < caught_up);
    CHECK(milliseconds_in(caught_up) == 4'000'007'200'000);
}

TEST_CASE("the part after the counter is random") {
    std::set<std::string> tails;
    for (const TestId& id : make_many(1'000, kFarFuture))
        tails.insert(id.str().substr(20));
    CHECK(tails.size() == 1'000);
}

TEST_CASE("ids created by several threads are all different") {
    std::vector<std::future<std::vector<TestId>>> makers;
    makers.reserve(4);
    for (int n = 0; n < 4; ++n) {
        makers.push_back(
            std::async(std::launch::async, [] { return make_many(5'000, kFarFuture); }));
    }
    std::set<TestId> all;
    for (auto& maker : makers)
        for (const TestId& id : maker.get())
            all.insert(id);
    CHECK(all.size() == 20'000);
}

TEST_CASE("parsing accepts UUIDs in any letter case and of any version") {
    CHECK(TestId::parse(kKnown)->view() == kKnown);
    CHECK(TestId::parse("01A20320-A2FB-7A02-B2C2-1D3E4F506071")->view() == kKnown);
    CHECK(TestId::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"));
    CHECK(TestId::parse("00000000-0000-0000-0000-000000000000"));
}

TEST_CASE("parsing rejects anything but a 36-character UUID") {
    const auto* const text = GENERATE(
        "", "42", "last", "01a20320", "01a20320a2fb7a02b2c21d3e4f506071",
        "01a20320-a2fb-7a02-b2c2-1d3e4f50607", "01a20320-a2fb-7a02-b2c2-1d3e4f5060711",
        "g1a20320-a2fb-7a02-b2c2-1d3e4f506071", "01a20320-a2fb-7a02-b2c2_1d3e4f506071",
        "01a2032-0a2fb-7a02-b2c2-1d3e4f506071", "{1a20320-a2fb-7a02-b2c2-1d3e4f50607}",
        "------------------------------------", "01a20320-a2fb-7a02-b2c2-1d3e4f50607\n");
    CAPTURE(text);
    CHECK_FALSE(TestId::parse(text));
}

TEST_CASE("ids compare like their text") {
    const auto low = TestId::parse("00000000-0000-7000-8000-000000000001");
    const auto high = TestId::parse("00000000-0000-7000-8000-000000000002");
    CHECK(*low < *high);
    CHECK(*low != *high);
    CHECK(*low == *TestId::parse(low->view()));
}
