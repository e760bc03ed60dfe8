#include "process/exit_status.h"

#include "process/commands.h"

#include <catch2/catch.hpp>

namespace atlasjob {

TEST_CASE("an exit code is described as is") {
    const ExitStatus three = ExitStatus::exited(3);
    CHECK(three.code() == 3);
    CHECK_FALSE(three.signo().has_value());
    CHECK_FALSE(three.success());
    CHECK(three.shell_status() == 3);
    CHECK(three.to_string() == "exited with 3");
    CHECK(ExitStatus::exited(0).success());
}

TEST_CASE("a terminating signal is described by name and maps to 128 + n") {
    const ExitStatus killed = ExitStatus::signalled(SIGKILL, false);
    CHECK(killed.signo() == SIGKILL);
    CHECK_FALSE(killed.code().has_value());
    CHECK_FALSE(killed.success());
    CHECK(killed.shell_status() == 137);
    CHECK(killed.to_string() == "was killed by SIGKILL");
    CHECK(
        ExitStatus::signalled(SIGSEGV, true).to_string() == "was killed by SIGSEGV (core dumped)");
}

TEST_CASE("the exit status of a real process is decoded") {
    const auto status_of = [](const std::string& script) {
        return test::require_end(
            test::require_spawned(test::request_for({"sh", "-c", script}, STDERR_FILENO)));
    };
    CHECK(status_of("exit 0") == ExitStatus::exited(0));
    CHECK(status_of("exit 255") == ExitStatus::exited(255));
    CHECK(status_of("ulimit -c 0; kill -SEGV $$").signo() == SIGSEGV);
    CHECK(status_of("kill -KILL $$") == ExitStatus::signalled(SIGKILL, false));
}

}  // namespace atlasjob
