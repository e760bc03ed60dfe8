#include "base/text.h"
#include "cli/help/command_docs.h"

#include <fmt/format.h>

#include <map>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kHead =
    R"sh(# bash completion for atlasjob. Made by: atlasjob completion bash
# Load it in ~/.bashrc:  eval "$(atlasjob completion bash)"

# Jobs, queues and kinds come from the program itself; a ledger named on the line is asked.
_atlasjob_ask() {
    local program=${COMP_WORDS[0]/#\~/$HOME} value note
    while IFS=$'\t' read -r value note; do
        [[ $value == "$cur"* ]] || continue
        # Beside the numbers, what they stand for, where bash lists them all; they alone are typed.
        if [[ ${COMP_TYPE-} == 63 && -n $note ]]; then
            notes+=("$value  ($note)")
        fi
        COMPREPLY+=("$value")
    done < <(command "$program" complete "$1" "$command" --prefix="$cur" -- "${COMP_WORDS[@]:1}" 2>/dev/null)
    if ((${#COMPREPLY[@]} > 1 && ${#notes[@]} == ${#COMPREPLY[@]})); then
        COMPREPLY=("${notes[@]}")
    fi
}

_atlasjob_offer() {
    local -a notes=()
    case $1 in
    jobs | queues | kinds) _atlasjob_ask "$1" ;;
    files | directories)
        compopt -o filenames 2>/dev/null
        local -a found=()
        if [[ $1 == files ]]; then
            mapfile -t found < <(compgen -f -- "$cur")
        else
            mapfile -t found < <(compgen -d -- "$cur")
        fi
        COMPREPLY=("${found[@]}")
        ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur") ;;
    esac
}

# What follows -- is a command line of its own.
_atlasjob_beyond() {
    if declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD == $1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    else
        _atlasjob_offer files
    fi
}

)sh";

constexpr std::string_view kMain = R"sh(
_atlasjob() {
    local cur=${COMP_WORDS[COMP_CWORD]} before='' command='' word i value=''
    ((COMP_CWORD > 0)) && before=${COMP_WORDS[COMP_CWORD - 1]}
    # bash takes --color=al apart.
    if [[ $cur == '=' ]]; then
        cur=''
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -- ]]; then
            _atlasjob_beyond $((i + 1))
            return
        elif [[ -n $value ]]; then
            [[ $word == '=' ]] || value=''
        elif [[ $word == -* ]]; then
            case $word in @GLOBALS@) value=1 ;; esac
        elif [[ -z $command ]]; then
            command=$word
        fi
    done
    local offer
    offer=$(_atlasjob_value "$command" "$before")
    if [[ -n $offer ]]; then
        [[ $offer == nothing ]] || _atlasjob_offer "$offer"
    elif [[ $cur == -* ]]; then
        _atlasjob_offer "$(_atlasjob_options "$command")"
    else
        offer=$(_atlasjob_words "$command")
        [[ -z $offer ]] || _atlasjob_offer "$offer"
    fi
}

complete -o nosort -F _atlasjob atlasjob 2>/dev/null || complete -F _atlasjob atlasjob
)sh";

std::string offer_word(const Offered& offered, const std::string& all_commands) {
    switch (offered.offer) {
        case Offer::nothing:
            return "nothing";
        case Offer::choices:
            return fmt::format("{}", fmt::join(offered.choices, " "));
        case Offer::files:
            return "files";
        case Offer::directories:
            return "directories";
        case Offer::jobs:
            return "jobs";
        case Offer::queues:
            return "queues";
        case Offer::kinds:
            return "kinds";
        case Offer::commands:
            return all_commands;
    }
    return {};
}

std::string option_words(const std::vector<Option>& options) {
    std::string words;
    for (const Option& option : options)
        words += fmt::format("{}{}", words.empty() ? "" : " ", fmt::join(option.names, " "));
    return words;
}

std::string commands_of(const std::vector<CommandDocs>& pages) {
    std::string names;
    for (const CommandDocs& page : pages)
        names += fmt::format("{}{}", names.empty() ? "" : " ", page.row.name);
    return names;
}

std::string function(std::string_view name, std::string_view subject, std::string_view arms) {
    return fmt::format("{}() {{\n    case {} in\n{}    esac\n}}\n\n", name, subject, arms);
}

std::string arm(std::string_view pattern, std::string_view answer) {
    return fmt::format("    {}) echo {} ;;\n", pattern, shell_quoted(answer));
}

/// Which options of which command have a value, and what is offered for it; options with the same
/// offer share an arm.
std::string value_arms(const std::vector<CommandDocs>& pages, const std::string& all_commands) {
    std::map<std::string, std::string> patterns;
    const auto add = [&](const Option& option, std::string_view command) {
        if (option.placeholder.empty()) return;
        std::string& pattern = patterns[offer_word(offered_for(option.placeholder), all_commands)];
        for (const std::string& name : option.names)
            pattern += fmt::format("{}'{} {}'", pattern.empty() ? "" : " | ", command, name);
    };
    for (const Option& option : global_options())
        add(option, "");
    for (const CommandDocs& page : pages)
        for (const Option& option : page.options)
            add(option, page.row.name);
    std::string arms;
    for (const auto& [offer, pattern] : patterns)
        arms += arm(pattern, offer);
    return arms;
}

std::string globals_with_value() {
    std::string pattern;
    for (const Option& option : global_options()) {
        if (!option.placeholder.empty())
            pattern += fmt::format("{}{}", pattern.empty() ? "" : " | ", option.name());
    }
    return pattern;
}

}  // namespace

std::string bash_completion() {
    const std::vector<CommandDocs> pages = all_command_docs();
    const std::string all_commands = commands_of(pages);
    std::string options = arm("''", option_words(global_options()));
    std::string words = arm("''", all_commands);
    for (const CommandDocs& page : pages) {
        options += arm(page.row.name, option_words(page.options));
        const Offered offered = page.words ? offered_for(page.words->what) : Offered{};
        if (offered.offer != Offer::nothing)
            words += arm(page.row.name, offer_word(offered, all_commands));
    }
    std::string script{kHead};
    script += function("_atlasjob_options", "$1", options);
    script += function("_atlasjob_words", "$1", words);
    script += function("_atlasjob_value", "\"$1 $2\"", value_arms(pages, all_commands));
    std::string main{kMain};
    static constexpr std::string_view kGlobals = "@GLOBALS@";
    main.replace(main.find(kGlobals), kGlobals.size(), globals_with_value());
    return script + main;
}

}  // namespace atlasjob::cli
