#include "base/environment_path.h"

#include "support/scoped_variable.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using atlasjob::test::ScopedVariable;

TEST_CASE("a path from the environment must be absolute") {
    constexpr const char* kName = "ATLASJOB_TEST_PATH";
    CHECK_FALSE(environment_path(kName));
    CHECK(why_no_path(kName) == "ATLASJOB_TEST_PATH is not set");
    const ScopedVariable absolute{kName, "/home/alice"};
    CHECK(environment_path(kName) == "/home/alice");
    const ScopedVariable empty{kName, ""};
    CHECK_FALSE(environment_path(kName));
    CHECK(why_no_path(kName) == "ATLASJOB_TEST_PATH is not set");
    for (const char* const path : {"relative/dir", ".", "~/dir"}) {
        CAPTURE(path);
        const ScopedVariable relative{kName, path};
        CHECK_FALSE(environment_path(kName));
        CHECK(why_no_path(kName) == "ATLASJOB_TEST_PATH is not an absolute path");
    }
}
