#include "cli/options/command_line.h"

#include "base/error.h"
#include "cli/command.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace atlasjob;
using namespace atlasjob::cli;

namespace {

using Words = std::vector<std::string>;

CommandLine split_words(const std::vector<const char*>& words) {
    return split_command_line(words);
}

}  // namespace

TEST_CASE("The command is the first word that is no option and no global option's value") {
    CHECK(split_words({"status", "42"}).command == "status");
    CHECK(split_words({"--json", "status"}).command == "status");
    CHECK(split_words({"--ledger", "run", "status"}).command == "status");
    CHECK(split_words({"--ledger=run", "status"}).command == "status");
    CHECK(split_words({"--principal", "--ledger", "status", "list"}).command == "status");
    CHECK(split_words({"--version"}).command.empty());
    CHECK(split_words({}).command.empty());
}

TEST_CASE("Everything else reaches the option parser in its order") {
    const CommandLine line = split_words({"--ledger", "a b", "cancel", "7", "--reason", "x", "8"});
    CHECK(line.arguments == Words{"--ledger", "a b", "7", "--reason", "x", "8"});
    CHECK_FALSE(line.tail);
    CHECK_FALSE(line.json);
}

TEST_CASE("The first double dash ends what is ours, and nothing after it is touched") {
    const CommandLine line =
        split_words({"run", "--name", "n", "--", "grep", "[0-9]", "--", "--json", ""});
    CHECK(line.command == "run");
    CHECK(line.arguments == Words{"--name", "n"});
    CHECK(line.tail == Words{"grep", "[0-9]", "--", "--json", ""});
    CHECK_FALSE(line.json);
}

TEST_CASE("A double dash at the end leaves an empty command, not none") {
    const CommandLine line = split_words({"run", "--"});
    REQUIRE(line.tail);
    CHECK(line.tail->empty());
}

TEST_CASE("The wish for JSON is known before any option is parsed") {
    CHECK(split_words({"status", "--nonsense", "--json"}).json);
    CHECK(split_words({"--json", "nonsense"}).json);
}

TEST_CASE("An empty value stays that option's value") {
    CHECK(split_words({"report", "--message=", "7"}).arguments == Words{"--message", "", "7"});
    CHECK(split_words({"report", "--message=a=", "7"}).arguments == Words{"--message=a=", "7"});
}

TEST_CASE("Every command is found by its name and can be made") {
    for (const CommandRow& row : commands()) {
        CHECK(&find_command(row.name) == &row);
        CHECK(row.make() != nullptr);
        CHECK_FALSE(row.summary.empty());
    }
}

TEST_CASE("An unknown command is answered with the nearest one") {
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
