#pragma once

#include "base/time.h"
#include "mcp/actions/placeholders.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob::mcp {

/// A command defined in an actions file, with the parameters that a caller may fill in.
struct Action {
    std::string name;
    std::string title;
    std::string description;   ///< As published.
    std::string input_schema;  ///< As published: an object without additional properties.
    /// Default values of parameters, as JSON.
    std::map<std::string, std::string> defaults;

    std::vector<Placeholders> command;  ///< The program itself contains no placeholder.
    std::optional<std::string> cwd;     ///< Absolute.
    std::map<std::string, Placeholders> env;
    bool clean_env = false;

    std::string kind;
    std::optional<std::string> target;  ///< JSON; its strings may contain placeholders.
    std::string queue = "default";
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> grace;
    std::optional<std::string> kill_signal;  ///< Name, such as SIGINT.
    int retries = 0;
    std::optional<milliseconds> backoff;
    std::optional<double> backoff_factor;
    std::optional<Placeholders> key;

    bool read_only = false;
    bool destructive = true;
};

}  // namespace atlasjob::mcp
