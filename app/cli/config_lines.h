#pragma once

#include <map>
#include <string>
#include <string_view>

namespace atlasjob::cli {

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
