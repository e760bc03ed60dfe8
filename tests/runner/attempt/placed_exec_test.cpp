#include "runner/attempt/placed_exec.h"

#include "base/text.h"
#include "process/commands.h"

#include <algorithm>

namespace atlasjob {

namespace {

/// The environment of a program that a shell starts in a new scope, sorted.
Environment arrived(Environment environment) {
    const std::string script = keep_variables(environment);
    set_variable(environment, "XDG_RUNTIME_DIR", "/run/user/0");  // as placed_exec() does
    set_variable(environment, "INVOCATION_ID", "0123");           // as systemd-run does
    SpawnRequest request =
        test::request_for({"/bin/sh", "-c", script + "exec /usr/bin/env -0"}, -1);
    request.environment = environment;
    const std::string printed = test::output_of(request);
    Environment result;
    for (const std::string_view entry : split(printed, '\0')) {
        // bash, which some systems have as sh, exports this whatever it is told.
        if (!entry.empty() && !entry.starts_with("_=")) result.emplace_back(entry);
    }
    std::ranges::sort(result);
    return result;
}

}  // namespace

TEST_CASE("what is started in a scope has the environment of its caller, as it was") {
    const Environment bare = {"PATH=/usr/bin:/bin"};
    CHECK(arrived(bare) == bare);
    const Environment full = {
        "INVOCATION_ID=of the caller", "OLDPWD=/old", "PATH=/usr/bin:/bin",
        "PWD=/not \"here\" $PWD",      "SHLVL=7",     "XDG_RUNTIME_DIR=/run/of-another"};
    CHECK(arrived(full) == full);
}

}  // namespace atlasjob
