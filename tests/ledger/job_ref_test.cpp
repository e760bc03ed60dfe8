#include "ledger/store.h"

#include <catch2/catch.hpp>

using namespace atlasjob;

TEST_CASE("a number refers to a job by its seq") {
    const auto ref = JobRef::parse("42");
    REQUIRE(ref);
    CHECK(ref->kind == JobRef::Kind::seq);
    CHECK(ref->seq == 42);
    CHECK_FALSE(ref->job_id);
    CHECK(JobRef::parse("9223372036854775807")->seq == INT64_MAX);
}

TEST_CASE("a UUID in any letter case refers to a job by its id") {
    const auto ref = JobRef::parse("01A20320-A2FB-7A02-B2C2-1D3E4F506071");
    REQUIRE(ref);
    CHECK(ref->kind == JobRef::Kind::id);
    CHECK(ref->job_id->view() == "01a20320-a2fb-7a02-b2c2-1d3e4f506071");
}

TEST_CASE("the word last refers to the newest job") {
    const auto ref = JobRef::parse("last");
    REQUIRE(ref);
    CHECK(ref->kind == JobRef::Kind::last);
    CHECK_FALSE(ref->job_id);
}

TEST_CASE("anything but a number or id or last is rejected") {
    const auto* const text = GENERATE(
        "", "0", "-1", "+1", "1.0", " 42", "42 ", "9223372036854775808", "Last", "latest",
        "01a20320", "01a20320-a2fb-7a02", "01a20320a2fb7a02b2c21d3e4f506071",
        "42; drop table jobs");
    CAPTURE(text);
    CHECK_FALSE(JobRef::parse(text));
}

TEST_CASE("an admin may see all jobs and others only their own") {
    CHECK(Principal{"alice"}.may_see("alice"));
    CHECK_FALSE(Principal{"alice"}.may_see("bob"));
    CHECK_FALSE(Principal{"alice"}.may_see("Alice"));
    CHECK_FALSE(Principal{""}.may_see("alice"));
    CHECK(Principal{"root", true}.may_see("alice"));
}
