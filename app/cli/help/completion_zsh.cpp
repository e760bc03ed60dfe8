#include "cli/help/command_docs.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kHead = R"sh(#compdef atlasjob
# zsh completion for atlasjob. Made by: atlasjob completion zsh
# Put it into a folder of $fpath as _atlasjob, or in ~/.zshrc after compinit:
#   source <(atlasjob completion zsh)

# Jobs, queues and kinds come from the program itself; a ledger named on the line is asked.
_atlasjob_ask() {
    local line tab=$'\t' program=${(Q)atlasjob_line[1]}
    local -a found
    program=${program/#\~/$HOME}
    for line in "${(@f)$(_call_program -p $1 ${(q)program} complete $1 $2 --prefix=${(q)PREFIX} -- \
        ${(q)atlasjob_line[2,-1]} 2>/dev/null)}"; do
        [[ -n $line ]] && found+=("${${line%%$tab*}//:/\\:}${${(M)line%$tab*}/$tab/:}")
    done
    (( $#found )) && _describe -V -t $1 $1 found
}

)sh";

constexpr std::string_view kTail = R"sh(
if [[ $funcstack[1] == _atlasjob ]]; then
    _atlasjob "$@"
else
    compdef _atlasjob atlasjob
fi
)sh";

/// Text within the brackets or between the colons of an option's spec.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string action_for(std::string_view placeholder, std::string_view command) {
    const Offered offered = offered_for(placeholder);
    switch (offered.offer) {
        case Offer::nothing:
            return " ";
        case Offer::choices:
            return fmt::format("({})", fmt::join(offered.choices, " "));
        case Offer::files:
            return "_files";
        case Offer::directories:
            return "_directories";
        case Offer::jobs:
            return fmt::format("{{_atlasjob_ask jobs {}}}", command);
        case Offer::queues:
            return fmt::format("{{_atlasjob_ask queues {}}}", command);
        case Offer::kinds:
            return fmt::format("{{_atlasjob_ask kinds {}}}", command);
        case Offer::commands:
            return "_atlasjob_commands";
    }
    return {};
}

/// '*--grace=[between TERM and KILL]:DURATION: '
std::string option_specs(const Option& option, std::string_view command) {
    std::string specs;
    for (const std::string& name : option.names) {
        std::string spec = '*' + name;
        const bool has_value = !option.placeholder.empty();
        if (has_value) spec += name.starts_with("--") ? '=' : '+';
        spec += fmt::format("[{}]", escaped(option.help));
        if (has_value) {
            spec += fmt::format(
                ":{}:{}", escaped(option.placeholder), action_for(option.placeholder, command));
        }
        specs += fmt::format(" \\\n            {}", shell_quoted(spec));
    }
    return specs;
}

std::string words_spec(const CommandDocs& page) {
    if (!page.words || page.row.takes_command) return {};
    const std::string action = action_for(page.words->what, page.row.name);
    const std::string_view many = page.words->most == 1 ? "1" : "*";
    return fmt::format(
        " \\\n            {}",
        shell_quoted(fmt::format("{}:{}:{}", many, escaped(page.words->what), action)));
}

std::string commands_function(const std::vector<CommandDocs>& pages) {
    std::string text = "_atlasjob_commands() {\n    local -a commands=(\n";
    for (const CommandDocs& page : pages) {
        text += fmt::format(
            "        {}\n", shell_quoted(fmt::format("{}:{}", page.row.name, page.row.summary)));
    }
    return text + "    )\n    _describe -V -t commands command commands\n}\n\n";
}

}  // namespace

std::string zsh_completion() {
    const std::vector<CommandDocs> pages = all_command_docs();
    std::string script{kHead};
    script += commands_function(pages);
    script +=
        "_atlasjob() {\n    local curcontext=$curcontext context state line ret=1\n"
        "    local -a atlasjob_line=(\"${words[@]}\")\n    typeset -A opt_args\n"
        "    local -i dashes=${words[(i)--]}\n"
        "    if (( dashes < CURRENT )); then  # What follows is a command line of its own.\n"
        "        shift $dashes words\n        (( CURRENT -= dashes ))\n        _normal\n"
        "        return\n    fi\n"
        "    _arguments -C -S";
    for (const Option& option : global_options())
        script += option_specs(option, "");
    script +=
        " \\\n            '1: :_atlasjob_commands' '*:: :->arguments' && ret=0\n"
        "    [[ $state == arguments ]] || return ret\n"
        "    curcontext=${curcontext%:*}-$words[1]:\n    case $words[1] in\n";
    for (const CommandDocs& page : pages) {
        script += fmt::format("    {})\n        _arguments -S", page.row.name);
        for (const Option& option : page.options)
            script += option_specs(option, page.row.name);
        script += words_spec(page) + " && ret=0\n        ;;\n";
    }
    return script + "    esac\n    return ret\n}\n" + std::string{kTail};
}

}  // namespace atlasjob::cli
