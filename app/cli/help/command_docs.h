#pragma once

#include "cli/command.h"
#include "cli/options/arguments.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// Everything a command declares, for completions and the manual.
struct CommandDocs {
    const CommandRow& row;
    std::vector<Option> options;  ///< Visible options only; their `take` is empty.
    std::optional<Words> words;
};

/// The public commands, in table order.
std::vector<CommandDocs> all_command_docs();
/// The options accepted with every command and without one.
std::vector<Option> global_options();

/// What completions offer for a value.
enum class Offer { nothing, choices, files, directories, jobs, queues, kinds, commands };

struct Offered {
    Offer offer = Offer::nothing;
    std::vector<std::string> choices;  ///< For Offer::choices.
};

/// What completions offer for a placeholder (Option::placeholder, Words::what).
Offered offered_for(std::string_view placeholder);

/// `text` in single quotes, valid in bash, zsh and fish.
std::string shell_quoted(std::string_view text);

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace atlasjob::cli
