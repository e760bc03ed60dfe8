#include "cli/options/command_line.h"

#include "base/error.h"
#include "cli/command.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace atlasjob;
using namespace atlasjob::cli;

namespace {

using Args = std::vector<std::string>;

CommandLine split_args(const std::vector<const char*>& args) {
    return split_command_line(args);
}

}  // namespace

TEST_CASE(
    "the command is the first argument that is neither an option nor a global option's value") {
    CHECK(split_args({"status", "42"}).command == "status");
    CHECK(split_args({"--json", "status"}).command == "status");
    CHECK(split_args({"--ledger", "run", "status"}).command == "status");
    CHECK(split_args({"--ledger=run", "status"}).command == "status");
    CHECK(split_args({"--principal", "--ledger", "status", "list"}).command == "status");
    CHECK(split_args({"--version"}).command.empty());
    CHECK(split_args({}).command.empty());
}

TEST_CASE("all other arguments reach the option parser in order") {
    const CommandLine line = split_args({"--ledger", "a b", "cancel", "7", "--reason", "x", "8"});
    CHECK(line.arguments == Args{"--ledger", "a b", "7", "--reason", "x", "8"});
    CHECK_FALSE(line.tail);
    CHECK_FALSE(line.json);
}

TEST_CASE("the first double dash ends atlasjob's arguments, and the rest is passed on unchanged") {
    const CommandLine line =
        split_args({"run", "--name", "n", "--", "grep", "[0-9]", "--", "--json", ""});
    CHECK(line.command == "run");
    CHECK(line.arguments == Args{"--name", "n"});
    CHECK(line.tail == Args{"grep", "[0-9]", "--", "--json", ""});
    CHECK_FALSE(line.json);
}

TEST_CASE("a trailing double dash yields an empty command, not nullopt") {
    const CommandLine line = split_args({"run", "--"});
    REQUIRE(line.tail);
    CHECK(line.tail->empty());
}

TEST_CASE("option --json is recognised before any option is parsed") {
    CHECK(split_args({"status", "--nonsense", "--json"}).json);
    CHECK(split_args({"--json", "nonsense"}).json);
}

TEST_CASE("an empty value after = is kept as the option's value") {
    CHECK(split_args({"report", "--message=", "7"}).arguments == Args{"--message", "", "7"});
    CHECK(split_args({"report", "--message=a=", "7"}).arguments == Args{"--message=a=", "7"});
}

TEST_CASE("every command can be found by name and created") {
    for (const CommandRow& row : commands()) {
        CHECK(&find_command(row.name) == &row);
        CHECK(row.make() != nullptr);
        CHECK_FALSE(row.summary.empty());
    }
}

TEST_CASE("an unknown command is an error that suggests the nearest one") {
    try {
        static_cast<void>(find_command("statsu"));
        FAIL("found");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK(error.message() == "unknown command \"statsu\"");
        CHECK(error.hint() == "did you mean status?");
    }
    CHECK_THROWS_WITH(find_command("xyzzy"), Catch::Contains("see atlasjob --help"));
}
