#pragma once

#include "mcp/tools/tool.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::cli {

class Arguments;
class Command;
struct ConfigFile;

/// One default that the config file may set. The key tells which: "cancel.grace" is what cancel
/// takes for --grace where none is given; without a section it is of every command, in the section
/// "job" of run, submit and create. The file's check, `atlasjob config`, the manual and
/// docs/configuration.md are made from these rows.
struct Setting {
    std::string_view key;
    std::string_view value;     ///< What may stand there, written as for options.
    std::string_view fallback;  ///< What holds where nothing says otherwise, for people.
    std::string_view help;
    std::string_view environment;  ///< The variable that goes before the file; may be empty.
    /// Throws invalid_argument that names the key and the text.
    void (*check)(std::string_view key, const std::string& text);

    /// "cancel"; empty for what every command has.
    std::string_view section() const;
    /// "grace".
    std::string_view option() const;
    bool is_switch() const { return value == "true|false"; }
    bool is_number() const { return value == "N"; }
    bool is_list() const { return value == "[QUEUE, ...]"; }
};

/// In the order in which people read them. [queue.NAME] slots, one for each queue, is not there.
std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);

/// The key closest to one that is none, as a hint: "did you mean …?".
std::string setting_hint(std::string_view key);

/// What the environment says of it; nothing where it says nothing.
std::optional<std::string> from_environment(const Setting& setting);

/// Gives `arguments`, which have been parsed for the command of that name, what the file says for
/// options that were not given: flag before environment before file. Throws invalid_argument that
/// names the file and the line.
void apply(
    const ConfigFile& config, std::string_view name, const Command& command, Arguments& arguments);

/// How many jobs a worker runs at a time: the CPUs this process may use, containers and taskset
/// heeded.
int default_slots();

/// Opens the verbs of an `--allow`, with commas between them, in `allowed`. Throws invalid_argument
/// for one that is none and names those there are.
void allow(const std::string& verbs, mcp::Permissions& allowed);

/// Reads "60/min", or "60". Throws invalid_argument that names the option and the text.
int calls_per_minute(const std::string& text);

}  // namespace atlasjob::cli
