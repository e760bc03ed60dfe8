#pragma once

#include "base/error.h"
#include "mcp/actions/actions.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace atlasjob::test {

using Words = std::vector<std::string>;

/// An action whose caller may give {a}, {b}: any text. {n}: a number. {word}: a text that is no
/// option. {mode}: one of two words. {opt}: any text, and it may be missing. {list}: any number of
/// texts.
nlohmann::json action_with(const std::string& name, const nlohmann::json& more);

/// A file with those actions.
class ActionsOnDisk {
  public:
    explicit ActionsOnDisk(const std::vector<nlohmann::json>& actions);
    std::string path() const { return dir_ / "actions.json"; }

  private:
    TempDir dir_;
};

/// What is said of an action; empty: it is served.
std::string said_of(const nlohmann::json& more);
std::string said_of_command(const Words& words);

/// A spelling, which of its words is refused, and for which placeholder.
struct Refused {
    Words words;
    std::size_t at;
    std::string placeholder = "a";
};

void check_refused(const std::vector<Refused>& table);
void check_accepted(const std::vector<Words>& table);

}  // namespace atlasjob::test
