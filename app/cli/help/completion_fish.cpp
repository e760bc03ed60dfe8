#include "cli/help/command_docs.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kHead =
    R"sh(# fish completion for atlasjob. Made by: atlasjob completion fish
# Load it in ~/.config/fish/config.fish:  atlasjob completion fish | source

# The command on the line, or nothing before it is written.
function __atlasjob_command
    set -l is_value 0
    for word in (commandline -opc)[2..]
        if test $is_value = 1
            set is_value 0
            continue
        end
        switch $word
            case --
                return 1
            case @GLOBALS@
                set is_value 1
            case '-*'
            case '*'
                echo $word
                return 0
        end
    end
    return 1
end

function __atlasjob_is
    not __atlasjob_beyond; and test (__atlasjob_command) = $argv[1] 2>/dev/null
end

function __atlasjob_none
    not __atlasjob_beyond; and not __atlasjob_command >/dev/null
end

# Whether -- stands before the cursor: what follows it is a command line of its own.
function __atlasjob_beyond
    contains -- -- (commandline -opc)
end

function __atlasjob_beyond_line
    set -l words (commandline -opc)
    set -l at (contains -i -- -- $words)
    set -l rest $words[(math $at + 1)..] (commandline -ct)
    test (count $rest) -gt 0; and complete -C (string join ' ' -- (string escape -- $rest[..-2]) $rest[-1])
end

# Jobs, queues and kinds come from the program itself; a ledger named on the line is asked.
function __atlasjob_ask
    set -l words (commandline -opc)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    command $program complete $argv --prefix=(commandline -ct) -- $words[2..] 2>/dev/null
end

complete -c atlasjob -e
complete -c atlasjob -f
complete -c atlasjob -n __atlasjob_beyond -a '(__atlasjob_beyond_line)'
)sh";

std::string candidates_for(std::string_view placeholder, std::string_view command) {
    const Offered offered = offered_for(placeholder);
    switch (offered.offer) {
        case Offer::nothing:
            return "-f";
        case Offer::choices:
            return fmt::format(
                "-f -a {}", shell_quoted(fmt::format("{}", fmt::join(offered.choices, " "))));
        case Offer::files:
            return "-F";
        case Offer::directories:
            return "-f -a '(__fish_complete_directories (commandline -ct))'";
        case Offer::jobs:
            return fmt::format("-f -k -a '(__atlasjob_ask jobs {})'", command);
        case Offer::queues:
            return fmt::format("-f -a '(__atlasjob_ask queues {})'", command);
        case Offer::kinds:
            return fmt::format("-f -a '(__atlasjob_ask kinds {})'", command);
        case Offer::commands:
            return "-f -k -a '(__atlasjob_commands)'";
    }
    return {};
}

std::string option_line(
    const Option& option, std::string_view condition, std::string_view command) {
    std::string line = fmt::format("complete -c atlasjob -n {}", shell_quoted(condition));
    for (const std::string& name : option.names) {
        const bool is_long = name.starts_with("--");
        line += fmt::format(" {} {}", is_long ? "-l" : "-s", name.substr(is_long ? 2 : 1));
    }
    if (!option.placeholder.empty()) line += " -r " + candidates_for(option.placeholder, command);
    return line + fmt::format(" -d {}\n", shell_quoted(option.help));
}

std::string commands_function(const std::vector<CommandDocs>& pages) {
    std::string text = "\nfunction __atlasjob_commands\n    printf '%s\\t%s\\n'";
    for (const CommandDocs& page : pages)
        text += fmt::format(" \\\n        {} {}", page.row.name, shell_quoted(page.row.summary));
    return text + "\nend\n";
}

std::string globals_with_value() {
    std::string names;
    for (const Option& option : global_options()) {
        if (!option.placeholder.empty())
            names += fmt::format("{}{}", names.empty() ? "" : " ", option.name());
    }
    return names;
}

}  // namespace

std::string fish_completion() {
    const std::vector<CommandDocs> pages = all_command_docs();
    std::string script{kHead};
    static constexpr std::string_view kGlobals = "@GLOBALS@";
    script.replace(script.find(kGlobals), kGlobals.size(), globals_with_value());
    script += commands_function(pages);
    script += "\ncomplete -c atlasjob -n __atlasjob_none -k -a '(__atlasjob_commands)'\n";
    for (const Option& option : global_options())
        script += option_line(option, "__atlasjob_none", "");
    for (const CommandDocs& page : pages) {
        const std::string condition = fmt::format("__atlasjob_is {}", page.row.name);
        script += '\n';
        for (const Option& option : page.options)
            script += option_line(option, condition, page.row.name);
        if (!page.words || page.row.takes_command) continue;
        script += fmt::format(
            "complete -c atlasjob -n {} {}\n", shell_quoted(condition),
            candidates_for(page.words->what, page.row.name));
    }
    return script;
}

}  // namespace atlasjob::cli
