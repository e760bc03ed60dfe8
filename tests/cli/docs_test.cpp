#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/help/manual.h"
#include "ledger/transition.h"
#include "support/places.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace atlasjob;

namespace {

std::string text_of(const std::string& path) {
    const auto text = read_file(test::source_path(path));
    REQUIRE(text);
    return *text;
}

std::vector<std::string> arrows_of(const std::string& document) {
    std::vector<std::string> arrows;
    for (const std::string_view line : split(document, '\n')) {
        if (line.find(" --> ") != std::string_view::npos) arrows.emplace_back(trim(line));
    }
    return arrows;
}

}  // namespace

TEST_CASE("The diagram of the state machine has the machine's own arrows, each once") {
    std::vector<std::string> machine;
    machine.reserve(kTransitions.size());
    for (const Transition& t : kTransitions) {
        machine.push_back(
            std::string{to_string(t.from)} + " --> " + std::string{to_string(t.to)} + ": "
            + std::string{to_string(t.verb)});
    }
    std::vector<std::string> diagram = arrows_of(text_of("docs/state-machine.md"));
    std::ranges::sort(machine);
    std::ranges::sort(diagram);
    CHECK(diagram == machine);
}

TEST_CASE("docs/recipes.md mentions every public command") {
    const std::string recipes = text_of("docs/recipes.md");
    for (const cli::CommandRow& row : cli::commands()) {
        if (row.hidden) continue;
        INFO(row.name);
        CHECK(recipes.find("atlasjob " + std::string{row.name}) != std::string::npos);
    }
}

TEST_CASE("docs/configuration.md has the table of settings that the program prints") {
    CHECK(text_of("docs/configuration.md").find(cli::settings_markdown()) != std::string::npos);
}
