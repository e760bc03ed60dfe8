#include "mcp/actions/pattern_check.h"

#include <catch2/catch.hpp>

#include <string>

using namespace atlasjob;
using Catch::Matchers::Contains;

TEST_CASE("common patterns are accepted") {
    const std::string pattern = GENERATE(
        as<std::string>{}, "^[A-Za-z0-9_-]{1,64}$", "^C[A-Z0-9]+$", "^[a-z]+$", "[a-z]+",
        "^(full|incremental|auto)$", "^v[0-9]{1,4}\\.[0-9]{1,4}\\.[0-9]{1,4}$",
        "^(?:a|b)[0-9]{1,8}$", "^(refs/heads/)?[a-z]{1,64}$", "", "^[^/\\]]*$", "^\\d{4}-\\d\\d$",
        "^[a-z]{1,64}(-[a-z])?$");
    CAPTURE(pattern);
    CHECK(mcp::pattern_problem(pattern).empty());
}

TEST_CASE("patterns that could backtrack without bound are refused with the reason") {
    const auto problem = [](const std::string& pattern) { return mcp::pattern_problem(pattern); };
    for (const char* nested :
         {"(a+)+", "^(a*)*$", "^(a+){2,}$", "^([a-z]+-)*$", "^(a|aa)+$", "^((a+)b)*$",
          "^(?:a?){50}$", "^(a|b)*?c$"}) {
        CAPTURE(nested);
        CHECK_THAT(problem(nested), Contains("repeats a group"));
    }
    for (const char* back : {"^(a)\\1$", "(x)(y)\\2"})
        CHECK_THAT(problem(back), Contains("back-reference"));
    for (const char* ahead : {"^(?=a)b", "^(?!a)b"})
        CHECK_THAT(problem(ahead), Contains("look-ahead"));
    for (const char* many :
         {"a*a*", "^a+b+c+$", "[a-z]+@[a-z]+", "^[a-z]{1,300}[a-z]{1,300}[a-z]{1,300}$"})
        CHECK_THAT(problem(many), Contains("too many ways"));
    for (const char* none : {"(", "[a", "a{2", "*", "a)"})
        CHECK_THAT(problem(none), Contains("not a valid regular expression"));
    CHECK_THAT(problem(std::string(257, 'a')), Contains("longer than 256"));
}

TEST_CASE("operators inside a class or after a backslash do not count as repetition") {
    for (const char* pattern : {"^([*+?(|)]x)?$", "^(\\+\\*){1,3}$", "^([\\]+*]a){2}$"}) {
        CAPTURE(pattern);
        CHECK(mcp::pattern_problem(pattern).empty());
    }
}
