#include "cli/help/command_docs.h"

#include "base/text.h"
#include "cli/context.h"

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

struct Known {
    std::string_view placeholder;
    Offer offer;
};

// clang-format off
constexpr std::array kKnown = {
    Known{"JOB",     Offer::jobs},
    Known{"QUEUE",   Offer::queues},
    Known{"KIND",    Offer::kinds},
    Known{"PATH",    Offer::files},
    Known{"FILE",    Offer::files},
    Known{"DIR",     Offer::directories},
    Known{"COMMAND", Offer::commands},
};
// clang-format on

/// Whether a word of a placeholder is typed as it is ("auto") or stands for a value ("REGEX").
bool is_literal(std::string_view word) {
    return !word.empty()
           && std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; })
           && word != "-";
}

std::vector<Option> for_people(const Arguments& arguments) {
    std::vector<Option> options;
    for (Option option : arguments.options()) {
        option.take = nullptr;
        if (!option.group.empty()) options.push_back(std::move(option));
    }
    return options;
}

}  // namespace

std::vector<CommandDocs> all_command_docs() {
    std::vector<CommandDocs> pages;
    for (const CommandRow& row : commands()) {
        if (row.hidden) continue;
        const auto command = row.make();
        GlobalOptions globals;
        Arguments arguments{std::string{row.name}};
        command->declare(arguments);
        declare(arguments, globals);
        pages.push_back({row, for_people(arguments), arguments.words()});
    }
    return pages;
}

std::vector<Option> global_options() {
    GlobalOptions globals;
    Arguments arguments{"atlasjob"};
    declare(arguments, globals);
    return for_people(arguments);
}

Offered offered_for(std::string_view placeholder) {
    if (placeholder == "STATUS") {
        Offered statuses{Offer::choices, {}};
        for (const Status status : kStatuses)
            statuses.choices.emplace_back(to_string(status));
        return statuses;
    }
    if (placeholder == "SIGNAL")
        return {Offer::choices, {"TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "KILL"}};
    Offered offered;
    for (const std::string_view word : split(placeholder, '|')) {
        const auto known = std::ranges::find(kKnown, word, &Known::placeholder);
        if (known != kKnown.end()) return {known->offer, {}};
        if (is_literal(word)) offered.choices.emplace_back(word);
    }
    if (!offered.choices.empty()) offered.offer = Offer::choices;
    return offered;
}

std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
    return quoted + '\'';
}

}  // namespace atlasjob::cli
