#include "runner/attempt/ending.h"

#include "support/catch_string_makers.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <csignal>
#include <tuple>

namespace atlasjob {

namespace {

Ending ended_with(ExitStatus status, StopCause cause = StopCause::none) {
    Ending ending;
    ending.status = status;
    ending.cause = cause;
    return ending;
}

}  // namespace

TEST_CASE("a command that exits with 0 is done") {
    const Ending ending = ended_with(ExitStatus::exited(0));
    const Outcome outcome = outcome_of(ending);
    CHECK(outcome.status == Status::done);
    CHECK(outcome.exit_code == 0);
    CHECK_FALSE(outcome.reason.has_value());
    CHECK_FALSE(outcome.error.has_value());
    CHECK_FALSE(outcome.result.has_value());
    CHECK(exit_status_of(ending) == 0);
}

TEST_CASE("a successful command is not done if its output was lost") {
    Ending ending = ended_with(ExitStatus::exited(0));
    ending.output = "[1]";
    ending.output_failure = OutputFailure{Stream::standard_output, ENOSPC};
    const Outcome outcome = outcome_of(ending);
    CHECK(outcome.status == Status::error);
    CHECK_FALSE(outcome.reason.has_value());
    CHECK(outcome.error_code == "output_lost");
    CHECK(
        outcome.error
        == "command exited with 0, but its output could not be written to standard output: No "
           "space left on device");
    CHECK(outcome.exit_code == 0);
    CHECK_FALSE(outcome.result.has_value());
    CHECK(exit_status_of(ending) == 125);
}

TEST_CASE("lost output does not change the outcome of a failed command") {
    for (const auto& [status, cause, shell_status] :
         {std::tuple{ExitStatus::exited(3), StopCause::none, 3},
          std::tuple{ExitStatus::signalled(SIGKILL, false), StopCause::none, 137},
          std::tuple{ExitStatus::signalled(SIGTERM, false), StopCause::cancel, 143},
          std::tuple{ExitStatus::exited(0), StopCause::timeout, 124}}) {
        Ending ending = ended_with(status, cause);
        const Outcome before = outcome_of(ending);
        ending.output_failure = OutputFailure{Stream::standard_error, EIO};
        const Outcome outcome = outcome_of(ending);
        CHECK(outcome.status == before.status);
        CHECK(outcome.reason == before.reason);
        CHECK(outcome.error == before.error);
        CHECK(exit_status_of(ending) == shell_status);
    }
}

TEST_CASE("any other exit code is an error that names it") {
    const Ending ending = ended_with(ExitStatus::exited(3));
    const Outcome outcome = outcome_of(ending);
    CHECK(outcome.status == Status::error);
    CHECK(outcome.reason == Reason::exit_code);
    CHECK(outcome.error == "command exited with 3");
    CHECK(outcome.error_code == "exit_code");
    CHECK(outcome.exit_code == 3);
    CHECK(exit_status_of(ending) == 3);
}

TEST_CASE("a signal from elsewhere is an error that names it") {
    const Ending ending = ended_with(ExitStatus::signalled(SIGKILL, false));
    const Outcome outcome = outcome_of(ending);
    CHECK(outcome.status == Status::error);
    CHECK(outcome.reason == Reason::signal);
    CHECK(outcome.error == "command was killed by SIGKILL");
    CHECK(outcome.error_code == "signal");
    CHECK(outcome.signal == "SIGKILL");
    CHECK_FALSE(outcome.exit_code.has_value());
    CHECK(exit_status_of(ending) == 137);
}

TEST_CASE("a command signalled for a cancel is cancelled whatever it exits with") {
    for (const StopCause cause : {StopCause::cancel, StopCause::interrupt}) {
        for (const ExitStatus status :
             {ExitStatus::exited(0), ExitStatus::exited(1),
              ExitStatus::signalled(SIGTERM, false)}) {
            const Ending ending = ended_with(status, cause);
            const Outcome outcome = outcome_of(ending);
            CHECK(outcome.status == Status::cancelled);
            CHECK(outcome.reason == Reason::user);
            CHECK_FALSE(outcome.error.has_value());
            CHECK(exit_status_of(ending) == status.shell_status());
        }
    }
}

TEST_CASE("a command stopped for its timeout ends in error whatever it exits with") {
    Ending ending = ended_with(ExitStatus::exited(0), StopCause::timeout);
    ending.timeout = milliseconds{30'000};
    const Outcome outcome = outcome_of(ending);
    CHECK(outcome.status == Status::error);
    CHECK(outcome.reason == Reason::timeout);
    CHECK(outcome.error == "command ran longer than 30s");
    CHECK(outcome.error_code == "timeout");
    CHECK(exit_status_of(ending) == 124);
}

TEST_CASE("a command that did not start explains why and has the exit code of a shell") {
    Ending ending;
    using Stage = SpawnFailure::Stage;
    const auto [stage, exit_status, exit_code] = GENERATE(table<Stage, int, std::optional<int>>({
        {Stage::not_found, 127, 127},
        {Stage::not_executable, 126, 126},
        {Stage::directory, 125, std::nullopt},
    }));
    ending.failure = SpawnFailure{stage, "cannot start \"x\": no"};
    const Outcome outcome = outcome_of(ending);
    CHECK(outcome.status == Status::error);
    CHECK(outcome.reason == Reason::start_failed);
    CHECK(outcome.error == "cannot start \"x\": no");
    CHECK(outcome.error_code == "start_failed");
    CHECK(outcome.exit_code == exit_code);
    CHECK(exit_status_of(ending) == exit_status);
}

TEST_CASE("standard output as the result must be JSON if the command succeeded") {
    Ending ending = ended_with(ExitStatus::exited(0));
    ending.output = " {\"a\": [1, 2]}\n";
    CHECK(outcome_of(ending).status == Status::done);
    CHECK(outcome_of(ending).result == "{\"a\":[1,2]}");

    for (const std::string bad : {"", "hello", "{} {}", "\xff"}) {
        ending.output = bad;
        CHECK(outcome_of(ending).status == Status::error);
        CHECK(outcome_of(ending).reason == Reason::invalid_result);
        CHECK(outcome_of(ending).error_code == "invalid_result");
        CHECK_FALSE(outcome_of(ending).result.has_value());
    }
    ending.output = "{}";
    ending.output_too_long = true;
    CHECK(outcome_of(ending).reason == Reason::invalid_result);

    ending.status = ExitStatus::exited(1);
    CHECK(outcome_of(ending).reason == Reason::exit_code);
    CHECK_FALSE(outcome_of(ending).result.has_value());
}

}  // namespace atlasjob
