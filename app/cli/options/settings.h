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

/// A default that the config file may set. "cancel.grace" is the default of cancel's --grace. Keys
/// without a section apply to every command, the section "job" to run, submit and create.
/// Validation of the file, `atlasjob config`, the manual and docs/configuration.md are generated
/// from these rows.
struct Setting {
    std::string_view key;
    std::string_view value;     ///< Placeholder of the value, as for options.
    std::string_view fallback;  ///< The built-in default, as text for people.
    std::string_view help;
    std::string_view environment;  ///< The variable that overrides the file; may be empty.
    /// Throws invalid_argument that names the key and the text.
    void (*check)(std::string_view key, const std::string& text);

    /// "cancel"; empty for keys of every command.
    std::string_view section() const;
    /// "grace".
    std::string_view option() const;
    bool is_switch() const { return value == "true|false"; }
    bool is_number() const { return value == "N"; }
    bool is_list() const { return value == "[QUEUE, ...]"; }
};

/// In the order of the documentation. Does not include [queue.NAME] slots.
std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);

/// A hint for an unknown key: "did you mean …?" with the nearest key.
std::string setting_hint(std::string_view key);

/// The value from the environment; nullopt if not set.
std::optional<std::string> from_environment(const Setting& setting);

/// Applies the config file to options of the command `name` that were not given. `arguments` must
/// have been parsed; flags override the environment, which overrides the file. Throws
/// invalid_argument that names the file and the line.
void apply(
    const ConfigFile& config, std::string_view name, const Command& command, Arguments& arguments);

/// The default slots of a worker: the CPUs this process may use, respecting containers and taskset.
int default_slots();

/// Adds the comma-separated verbs of --allow to `allowed`. Throws invalid_argument for an unknown
/// verb, with a list of the known ones.
void allow(const std::string& verbs, mcp::Permissions& allowed);

/// Parses "60/min" or "60". Throws invalid_argument that names the option and the text.
int calls_per_minute(const std::string& text);

}  // namespace atlasjob::cli
