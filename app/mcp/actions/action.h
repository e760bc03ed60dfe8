#pragma once

#include "base/time.h"
#include "mcp/actions/placeholders.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob::mcp {

/// A command that the server's owner wrote down, with what a caller may fill in.
struct Action {
    std::string name;
    std::string title;
    std::string description;   ///< As it is published.
    std::string input_schema;  ///< As it is published: closed, an object.
    /// Values, as JSON, of the parameters that have one where the caller gives none.
    std::map<std::string, std::string> defaults;

    std::vector<Placeholders> command;  ///< The program itself has no placeholder.
    std::optional<std::string> cwd;     ///< Absolute.
    std::map<std::string, Placeholders> env;
    bool clean_env = false;

    std::string kind;
    std::optional<std::string> target;  ///< JSON; its texts may have placeholders.
    std::string queue = "default";
    std::optional<milliseconds> timeout;
    int retries = 0;
    std::optional<Placeholders> key;

    bool read_only = false;
    bool destructive = true;
};

}  // namespace atlasjob::mcp
