#include "cli/help/help.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/help/command_docs.h"
#include "cli/help/command_help.h"
#include "cli/options/arguments.h"
#include "cli/options/command_line.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace atlasjob;
using namespace atlasjob::cli;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::vector<const CommandRow*> public_commands() {
    std::vector<const CommandRow*> rows;
    for (const CommandRow& row : commands())
        if (!row.hidden) rows.push_back(&row);
    return rows;
}

bool is_help_page(const std::string& text) {
    const std::vector<std::string_view> lines = split(text, '\n');
    return text.ends_with('\n') && !text.ends_with("\n\n")
           && std::ranges::all_of(lines, [](std::string_view line) {
                  return line.size() <= kPageColumns && !line.ends_with(' ')
                         && std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
              });
}

/// The error of a command with a few options for this command line; empty if it is accepted.
std::string parse_error(std::vector<const char*> args) {
    Arguments arguments{"atlasjob probe"};
    std::optional<std::string> text;
    bool flag = false;
    arguments.text("-s,--secret", text, "TEXT", "a text");
    arguments.flag("--loud", flag, "a flag");
    static constexpr std::array<std::string_view, 3> kSizes = {"small", "medium", "large"};
    arguments.choice(
        "--size", kSizes, [](std::size_t) {}, "a choice");
    arguments.group("");
    arguments.flag("--hidden-flag", flag, "");
    args.insert(args.begin(), "probe");
    try {
        arguments.parse(split_command_line(args), false);
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_FALSE(error.hint().empty());
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE(
    "the help of every command has a summary, two examples and a description of every option") {
    for (const CommandRow* row : public_commands()) {
        INFO(row->name);
        const std::string help = command_help(*row);
        CHECK(is_help_page(help));
        CHECK_THAT(help, StartsWith("Usage: atlasjob " + std::string{row->name}));
        CHECK(row->summary.size() <= 60);
        std::set<std::string_view> lines;
        int own = 0;  // The other example may use a related command.
        for (const Example& example : row->examples) {
            if (example.line.find("atlasjob " + std::string{row->name}) != std::string_view::npos)
                ++own;
            CHECK_THAT(help, Contains("  " + std::string{example.line} + "\n      "));
            CHECK_THAT(help, Contains("\n      " + std::string{example.purpose} + "\n"));
            lines.insert(example.line);
        }
        CHECK(lines.size() == 2);
        CHECK(own >= 1);
    }
    for (const CommandDocs& page : all_command_docs()) {
        INFO(page.row.name);
        const std::string help = command_help(page.row);
        for (const Option& option : page.options) {
            INFO(option.name());
            CHECK_THAT(help, Contains(' ' + option.name()));
            CHECK_FALSE(option.help.empty());
        }
    }
}

TEST_CASE("every command accepts its own examples") {
    for (const CommandRow* row : public_commands()) {
        for (const Example& example : row->examples) {
            INFO(example.line);
            // Examples that need a shell to parse them are skipped.
            if (example.line.find_first_of("'\"|$(&<>") != std::string_view::npos) continue;
            std::vector<std::string> args;
            for (const std::string_view word : split(example.line, ' '))
                args.emplace_back(word);
            std::vector<const char*> argv;
            for (std::size_t i = 1; i < args.size(); ++i)
                argv.push_back(args[i].c_str());
            const CommandLine line = split_command_line(argv);
            if (line.command != row->name) continue;
            const auto command = row->make();
            Arguments arguments{"example"};
            command->declare(arguments);
            bool json = false;
            bool quiet = false;
            std::optional<std::string> principal;
            if (arguments.find("json") == nullptr) arguments.flag("--json", json, "");
            arguments.flag("-q,--quiet", quiet, "");
            arguments.text("--principal", principal, "NAME", "");
            CHECK_NOTHROW(arguments.parse(line, row->takes_command));
        }
    }
}

TEST_CASE("the program's help lists every public command once, in a group, and no hidden command") {
    const std::string help = program_help();
    CHECK(is_help_page(help));
    for (const CommandRow& row : commands()) {
        INFO(row.name);
        const std::string entry = "\n  " + std::string{row.name} + ' ';
        const std::size_t at = help.find(entry);
        CHECK((at != std::string::npos) == !row.hidden);
        if (!row.hidden) CHECK(help.find(entry, at + 1) == std::string::npos);
    }
    std::size_t listed = 0;
    for (const CommandGroup& group : command_groups())
        listed += group.rows.size();
    CHECK(listed == commands().size());
}

TEST_CASE("a mistyped command suggests the intended one, never a hidden one") {
    const auto suggestion = [](std::string_view word) {
        try {
            static_cast<void>(find_command(word));
        } catch (const Error& error) {
            return error.hint();
        }
        return std::string{"found"};
    };
    for (const CommandRow& row : commands()) {
        INFO(row.name);
        CHECK(suggestion(row.name) == "found");
        if (row.name.size() < 4) continue;
        std::string swapped{row.name};
        std::swap(swapped[1], swapped[2]);
        if (swapped == row.name) continue;
        if (row.hidden) {
            CHECK_THAT(suggestion(swapped), !Contains(std::string{row.name} + '?'));
        } else {
            CHECK(suggestion(swapped) == "did you mean " + std::string{row.name} + '?');
        }
    }
    CHECK(suggestion("frobnicate") == "see atlasjob --help");
}

TEST_CASE("every option error names the option, the reason and the fix") {
    CHECK(parse_error({"--secret", "x", "--loud", "--size", "small"}).empty());
    CHECK_THAT(
        parse_error({"--secrte", "x"}), Contains("--secrte") && Contains("did you mean --secret?"));
    CHECK_THAT(parse_error({"--zzzzzzz"}), Contains("see atlasjob probe --help"));
    CHECK_THAT(parse_error({"--hidden-flga"}), !Contains("did you mean"));
    CHECK_THAT(
        parse_error({"--secret"}), Contains("--secret requires a value; use --secret=VALUE"));
    CHECK_THAT(parse_error({"-s"}), Contains("requires a value"));
    CHECK_THAT(
        parse_error({"--loud=very"}),
        Contains("--loud takes no value; use --loud without a value"));
    CHECK_THAT(
        parse_error({"--size", "smal"}), Contains("\"smal\"") && Contains("did you mean small?"));
    CHECK_THAT(parse_error({"--size", "x"}), Contains("use small, medium or large"));
    CHECK_THAT(parse_error({"extra"}), Contains("\"extra\"") && Contains("takes no arguments"));
}

TEST_CASE("text wraps at spaces before the last column") {
    CHECK(wrap_text("one two", 0, 4) == "one two\n");
    const std::string word(30, 'x');
    CHECK(
        wrap_text(word + ' ' + word + ' ' + word, 0, 4)
        == word + ' ' + word + "\n    " + word + '\n');
    CHECK(wrap_text("a\nb", 2, 2) == "a\n  b\n");
    const std::string wide(100, 'y');
    CHECK(wrap_text("a " + wide, 0, 2) == "a\n  " + wide + '\n');
}

TEST_CASE("every command that takes several jobs takes every filter, and so do list and export") {
    std::set<std::string> found;
    for (const CommandDocs& command : all_command_docs()) {
        const bool takes_jobs =
            command.words && command.words->what == "JOB" && command.words->max == 0;
        if (!takes_jobs && command.row.name != "list" && command.row.name != "export") continue;
        found.emplace(command.row.name);
        for (const char* const filter :
             {"--status", "--kind", "--queue", "--label", "--owner", "--since", "--until",
              "--search"}) {
            INFO(command.row.name << ' ' << filter);
            CHECK(std::ranges::count(command.options, filter, &Option::name) == 1);
        }
    }
    CHECK(
        found
        == std::set<std::string>{"cancel", "export", "list", "retry", "rm", "status", "wait"});
}

TEST_CASE("a placeholder determines what completion offers") {
    CHECK(offered_for("JOB").offer == Offer::jobs);
    CHECK(offered_for("FILE|-").offer == Offer::files);
    CHECK(offered_for("DIR").offer == Offer::directories);
    CHECK(offered_for("DURATION").offer == Offer::nothing);
    CHECK(offered_for("JSON|TEXT").offer == Offer::nothing);
    CHECK(offered_for("auto|REGEX").choices == std::vector<std::string>{"auto"});
    CHECK(offered_for("bash|zsh").choices == std::vector<std::string>{"bash", "zsh"});
    CHECK(offered_for("STATUS").choices.size() == 5);
}
