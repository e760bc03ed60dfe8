#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

namespace atlasjob::cli {

class Arguments;
class Context;

/// One command of the program. Constructed only when argv names it: constructing all of them would
/// cost a quarter of the time `status` takes.
class Command {
  public:
    Command() = default;
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;
    virtual ~Command() = default;

    /// Declares the options and arguments, bound to members of this object.
    virtual void declare(Arguments& arguments) = 0;
    /// Validates the usage before any ledger is touched. Throws invalid_argument.
    virtual void check() {}
    /// Executes the command and returns the exit status. Throws Error.
    virtual int run(Context& context) = 0;

    /// Whether the config file may set this option of the command (long name without dashes).
    /// Called for options that were not given, after all options are parsed.
    virtual bool takes_default(std::string_view /*option*/) const { return true; }
    /// Whether the command runs even if the config file is invalid.
    virtual bool tolerates_bad_config() const { return false; }
};

/// An example for help and the manual: a line to copy and its purpose. At most 74 columns each: a
/// help page has 80.
struct Example {
    std::string_view line;
    std::string_view purpose;
};

/// A row of the command table, from which help, suggestions and dispatch are made.
struct CommandRow {
    std::string_view name;
    std::string_view usage;    ///< What follows the command name.
    std::string_view summary;  ///< One line for the list of commands.
    std::string_view help;     ///< Further text for the command's help; may be empty.
    std::array<Example, 2> examples;
    std::unique_ptr<Command> (*make)();
    bool takes_command = false;  ///< The arguments after "--" are a command.
    bool hidden = false;         ///< Called only by the program itself; not in help.
};

/// All commands, in the order in which help lists them.
std::span<const CommandRow> commands();

/// The row of that name. Throws invalid_argument that suggests the nearest name.
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
