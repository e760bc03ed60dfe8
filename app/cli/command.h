#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

namespace atlasjob::cli {

class Arguments;
class Context;

/// One command of the program. Made only when argv names it: building all of them would cost a
/// quarter of the time `status` takes.
class Command {
  public:
    Command() = default;
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;
    virtual ~Command() = default;

    /// Says what the command understands. What it declares is bound to its own members.
    virtual void declare(Arguments& arguments) = 0;
    /// Finds what is wrong with the usage, before any ledger is touched. Throws invalid_argument.
    virtual void check() {}
    /// Does it; returns the exit status. Throws Error.
    virtual int run(Context& context) = 0;

    /// Whether the config file may speak for this option of its own (the long name without dashes),
    /// which was not given. Asked once all options are read.
    virtual bool takes_default(std::string_view /*option*/) const { return true; }
    /// Whether it does its work also where the config file is not understood.
    virtual bool tolerates_bad_config() const { return false; }
};

/// How a command is used, for help and the manual: a line to copy, and what it is for in a few
/// words. At most 74 columns each: a help page has 80.
struct Example {
    std::string_view line;
    std::string_view purpose;
};

/// A row of the table that is the program's whole surface: help, suggestions and dispatch.
struct CommandRow {
    std::string_view name;
    std::string_view usage;    ///< What follows the name.
    std::string_view summary;  ///< One line for the list of commands.
    std::string_view help;     ///< What its own help adds; may be empty.
    std::array<Example, 2> examples;
    std::unique_ptr<Command> (*make)();
    bool takes_command = false;  ///< The words after "--" are a command, not arguments.
    bool hidden = false;         ///< Started by the program itself; not in help.
};

/// All commands, in the order in which help lists them.
std::span<const CommandRow> commands();

/// The row named so. Throws invalid_argument with the nearest name.
const CommandRow& find_command(std::string_view name);

std::unique_ptr<Command> make_run();
std::unique_ptr<Command> make_supervise();
std::unique_ptr<Command> make_send();
std::unique_ptr<Command> make_submit();
std::unique_ptr<Command> make_create();
std::unique_ptr<Command> make_start();
std::unique_ptr<Command> make_report();
std::unique_ptr<Command> make_finish();
std::unique_ptr<Command> make_status();
std::unique_ptr<Command> make_list();
std::unique_ptr<Command> make_wait();
std::unique_ptr<Command> make_logs();
std::unique_ptr<Command> make_cancel();
std::unique_ptr<Command> make_retry();
std::unique_ptr<Command> make_edit();
std::unique_ptr<Command> make_rm();
std::unique_ptr<Command> make_pause();
std::unique_ptr<Command> make_resume();
std::unique_ptr<Command> make_events();
std::unique_ptr<Command> make_stats();
std::unique_ptr<Command> make_worker();
std::unique_ptr<Command> make_slot();
std::unique_ptr<Command> make_on_end();
std::unique_ptr<Command> make_gc();
std::unique_ptr<Command> make_doctor();
std::unique_ptr<Command> make_migrate();
std::unique_ptr<Command> make_backup();
std::unique_ptr<Command> make_export();
std::unique_ptr<Command> make_import();
std::unique_ptr<Command> make_mcp();
std::unique_ptr<Command> make_actions();
std::unique_ptr<Command> make_config();
std::unique_ptr<Command> make_help();
std::unique_ptr<Command> make_completion();
std::unique_ptr<Command> make_complete();
std::unique_ptr<Command> make_manual();

}  // namespace atlasjob::cli
