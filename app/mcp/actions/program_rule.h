#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::mcp {

/// How a program reads its options where it differs from getopt_long(3).
enum Reads : unsigned {
    reads_mixed = 1,     ///< Options may stand among and after the operands.
    reads_words = 2,     ///< Long options have one dash: find, gdb, java.
    reads_as_shell = 4,  ///< Letters that take a value take the next argument; + is a sign, too.
    reads_anywhere = 8,  ///< A -- ends the options even where it is the value of one.
    reads_data = 16,     ///< An option that is not listed takes data: it runs nothing.
    /// The name is an English word, or a subcommand's, so that as an argument of an unknown program
    /// it need not mean this one.
    reads_ambiguous = 32,
};

/// What a program does with its arguments, as far as it matters whether a caller's value is run.
///
/// `options`: those that are known, each followed by what it takes:
///     nothing   a flag             ?  a value glued to it, or none
///     :  a value: data             !  a value: code, a program, or what decides which one runs
///     =  NAME=VALUE                %  a setting of git
///     >  the rest is a command     @  a subcommand, the rest is for it (python -m)
/// then how many arguments (":2"), then what it changes: ~ operands are data from here on, * they
/// are as in `instead`, $ everything after it is data.
///
/// `operands`, in their order:
///     data, code, program    one argument      data*, code*  all that are left
///     assign                 NAME=VALUE, as many as there are
///     maybe                  data that may be left out
///     letters                data; as the first argument, options without their dash: tar cf
///     command                the rest is a command, which is read by its own rule
///     sub                    a subcommand: where "NAME SUB" has a rule, that reads the rest
struct ProgramRule {
    std::string_view names;  ///< Separated by |, without directory and version.
    std::string_view options;
    std::string_view operands;
    std::string_view instead = {};
    unsigned reads = 0;
};

/// Shells and other interpreters, editors and databases.
std::span<const ProgramRule> interpreter_rules();
/// Programs that run the command they are given.
std::span<const ProgramRule> launcher_rules();
/// Programs that do something else and can be told to run something: git, tar, make, docker …
std::span<const ProgramRule> tool_rules();

/// An option of a rule, read.
struct KnownOption {
    enum class Takes { nothing, maybe, data, code, assignment, git_setting, command, subcommand };

    std::string_view name;
    Takes takes = Takes::nothing;
    std::size_t count = 1;         ///< How many arguments, where it takes some.
    bool data_follows = false;     ///< ~
    bool instead_follows = false;  ///< *
    bool ends_reading = false;     ///< $
};

enum class Operand { data, code, program, assign, maybe, letters, command, sub };

struct Operands {
    std::vector<Operand> list;
    bool repeats = false;  ///< The last one stands for all that are left.
};

/// A rule, read.
struct KnownProgram {
    explicit KnownProgram(const ProgramRule& rule);

    /// What a word like "-u", "--user" or, for find, "-exec" may mean: the option of that name,
    /// else those that it abbreviates.
    std::vector<const KnownOption*> options_named(std::string_view name) const;
    const KnownOption* option(std::string_view name) const;
    bool is(Reads how) const { return (reads & how) != 0; }

    std::vector<KnownOption> options;
    Operands operands;
    Operands instead;
    unsigned reads;
};

/// The name of the program that a word names: without its directory, version and variant
/// ("/usr/bin/python3.11-dbg" is python).
std::string program_name(std::string_view word);

/// Null for a program without a rule. `name` as program_name() gives it, or with subcommands.
const KnownProgram* known_program(const std::string& name);

}  // namespace atlasjob::mcp
