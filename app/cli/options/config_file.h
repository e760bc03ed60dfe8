#pragma once

namespace atlasjob {
class Error;
}

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// The value of one key (settings.h).
struct ConfigValue {
    std::vector<std::string> texts;  ///< One value, or the elements of a list.
    int line = 0;                    ///< 0 if unknown.
};

/// ~/.config/atlasjob/config.toml, parsed and validated: every key is known and every value valid.
/// Keys are those of settings(), and [queue.NAME] slots.
struct ConfigFile {
    std::string path;  ///< Where it is or would be; empty if HOME is not set.
    bool exists = false;
    std::map<std::string, ConfigValue, std::less<>> values;

    /// The maximum number of running jobs by queue.
    std::map<std::string, int> queue_slots() const;
};

/// The path of the file for this HOME.
std::string config_path(const std::string& home);

/// Reads the file; a missing one has no values. Throws invalid_argument that names the file, line
/// and key if it is invalid, and unavailable if it cannot be read.
ConfigFile read_config(const std::string& home);
/// The same for the HOME of this process; no values if it is not set.
ConfigFile read_config();

/// Adds the file and line to `error`.
Error config_error(const ConfigFile& config, int line, const Error& error);

/// Line numbers of the keys in a config file. Needed because CLI11's reader keeps none, and treats
/// a line without "=" as a flag.
class ConfigLines {
  public:
    explicit ConfigLines(std::string_view content);

    /// The last line that sets "section.key"; 0 if there is none.
    int of(std::string_view key) const;
    /// The first line that is not blank, a comment, a section or KEY = VALUE; 0 if there is none.
    int first_invalid() const { return first_invalid_; }

  private:
    std::map<std::string, int, std::less<>> lines_;
    int first_invalid_ = 0;
};

}  // namespace atlasjob::cli
