#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::mcp {

/// How a program's option parsing differs from getopt_long(3).
enum Reads : unsigned {
    reads_mixed = 1,  ///< Options may appear between and after the operands.
    reads_words = 2,  ///< Long options have one dash: find, gdb, java.
    reads_as_shell =
        4,  ///< Letters with a value take the next argument; + introduces options, too.
    reads_anywhere = 8,  ///< A -- ends the options even as the value of an option.
    reads_data = 16,     ///< Unlisted options take data and run nothing.
    /// The name is also an English word or a subcommand, so as an argument of an unknown program it
    /// may not mean this program.
    reads_ambiguous = 32,
};

/// How a program uses its arguments, as far as it decides whether a caller's value is run.
///
/// `options`: the known options, each followed by what it takes:
///     (nothing) a flag             ?  an optional value, in the same word
///     :  a value: data             !  a value: code, a program, or what chooses one
///     =  NAME=VALUE                %  a git setting
///     >  the rest is a command     @  a subcommand, to which the rest belongs (python -m)
/// then the number of arguments (":2"), then its effect: ~ operands after it are data, * they are
/// read by `alternative`, $ everything after it is data.
///
/// `operands`, in order:
///     data, code, program    one argument      data*, code*  all remaining ones
///     assign                 any number of NAME=VALUE
///     maybe                  optional data
///     letters                data; as the first argument, options without a dash: tar cf
///     command                the rest is a command, read by its own rule
///     sub                    a subcommand: if "NAME SUB" has a rule, it reads the rest
struct ProgramRule {
    std::string_view names;  ///< Separated by "|", without directory and version.
    std::string_view options;
    std::string_view operands;
    std::string_view alternative = {};
    unsigned reads = 0;
};

/// Shells and other interpreters, editors and databases.
std::span<const ProgramRule> interpreter_rules();
/// Programs that run the command in their arguments.
std::span<const ProgramRule> launcher_rules();
/// Programs with another purpose that can run commands: git, tar, make, docker …
std::span<const ProgramRule> tool_rules();

/// A parsed option of a rule.
struct KnownOption {
    enum class Takes { nothing, maybe, data, code, assignment, git_setting, command, subcommand };

    std::string_view name;
    Takes takes = Takes::nothing;
    std::size_t count = 1;          ///< The number of arguments, if it takes any.
    bool data_follows = false;      ///< ~
    bool uses_alternative = false;  ///< *
    bool ends_reading = false;      ///< $
};

enum class Operand { data, code, program, assign, maybe, letters, command, sub };

struct Operands {
    std::vector<Operand> list;
    bool repeats = false;  ///< The last one applies to all remaining arguments.
};

/// A parsed rule.
struct KnownProgram {
    explicit KnownProgram(const ProgramRule& rule);

    /// The options that a word such as "-u", "--user" or, for find, "-exec" can mean: the one with
    /// that name, else those it abbreviates.
    std::vector<const KnownOption*> options_named(std::string_view name) const;
    const KnownOption* option(std::string_view name) const;
    bool is(Reads how) const { return (reads & how) != 0; }

    std::vector<KnownOption> options;
    Operands operands;
    Operands alternative;
    unsigned reads;
};

/// The program's name without directory, version and variant ("/usr/bin/python3.11-dbg" is python).
std::string program_name(std::string_view word);

/// nullptr for a program without a rule. `name` is a program_name(), also with subcommands.
const KnownProgram* known_program(const std::string& name);

}  // namespace atlasjob::mcp
