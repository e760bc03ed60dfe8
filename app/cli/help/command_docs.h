#pragma once

#include "cli/command.h"
#include "cli/options/arguments.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// All that a command has declared, for those who tell of every command: completions, the manual.
struct CommandDocs {
    const CommandRow& row;
    std::vector<Option> options;  ///< Those for people; nothing is bound to them.
    std::optional<Words> words;
};

/// Of the public commands, in their order.
std::vector<CommandDocs> all_command_docs();
/// The options that every command has, and the program without one.
std::vector<Option> global_options();

/// What may be offered in the place of a value.
enum class Offer { nothing, choices, files, directories, jobs, queues, kinds, commands };

struct Offered {
    Offer offer = Offer::nothing;
    std::vector<std::string> choices;  ///< Of Offer::choices.
};

/// What a placeholder (Option::placeholder, Words::what) stands for.
Offered offered_for(std::string_view placeholder);

/// `text` in single quotes, for any of the three shells.
std::string shell_quoted(std::string_view text);

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace atlasjob::cli
