#pragma once

#include "base/error.h"
#include "mcp/actions/actions.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace atlasjob::test {

using Argv = std::vector<std::string>;

/// An action with the parameters {a} and {b}: any string; {n}: a number; {word}: a string that
/// cannot be an option; {mode}: one of two words; {opt}: an optional string; {list}: any number of
/// strings. `members` are merged into it.
nlohmann::json action_with(const std::string& name, const nlohmann::json& members);

/// A temporary actions file.
class ActionsOnDisk {
  public:
    explicit ActionsOnDisk(const std::vector<nlohmann::json>& actions);
    std::string path() const { return dir_ / "actions.json"; }

  private:
    TempDir dir_;
};

/// The error for action_with("act", members); empty if it is accepted.
std::string action_error(const nlohmann::json& members);
std::string command_error(const Argv& argv);

/// A command that is refused: the index of the argument at fault, and its placeholder.
struct Refused {
    Argv argv;
    std::size_t at;
    std::string placeholder = "a";
};

void check_refused(const std::vector<Refused>& table);
void check_accepted(const std::vector<Argv>& table);

}  // namespace atlasjob::test
