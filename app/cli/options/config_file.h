#pragma once

namespace atlasjob {
class Error;
}

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// What the file says of one key (settings.h).
struct ConfigValue {
    std::vector<std::string> texts;  ///< One, or the elements of a list.
    int line = 0;                    ///< Where; 0: not known.
};

/// ~/.config/atlasjob/config.toml, read and checked: every key is known, every value is what that
/// key takes. Beside settings() there is [queue.NAME] slots.
struct ConfigFile {
    std::string path;  ///< Where it is or would be; empty: there is no HOME.
    bool exists = false;
    std::map<std::string, ConfigValue, std::less<>> values;

    /// At most so many jobs of these queues at a time.
    std::map<std::string, int> queue_slots() const;
};

/// The file's place under that HOME.
std::string config_path(const std::string& home);

/// Reads the file; an absent one says nothing. Throws invalid_argument, naming the file, the line
/// and the key, for one that is not understood, and unavailable for one that cannot be read.
ConfigFile read_config(const std::string& home);
/// The same for the HOME of this process; nothing is said where there is none.
ConfigFile read_config();

/// `error` as one of that line of the file.
Error config_error(const ConfigFile& config, int line, const Error& error);

/// Where things stand in a config file: the reader of CLI11 keeps no line numbers, and takes a line
/// without "=" for a switch.
class ConfigLines {
  public:
    explicit ConfigLines(std::string_view content);

    /// The last line that gives "section.key" a value; 0: none does.
    int of(std::string_view key) const;
    /// The first line that is neither blank, a comment, a section nor a key with a value; 0: none.
    int not_understood() const { return not_understood_; }

  private:
    std::map<std::string, int, std::less<>> lines_;
    int not_understood_ = 0;
};

}  // namespace atlasjob::cli
