#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace atlasjob::mcp {

/// What a parameter's schema guarantees about every value that a caller can pass.
struct ParameterShape {
    bool always_given = false;  ///< Required or with a default, and never null.
    bool may_be_list = true;
    /// The value may be empty, or begin with a sign that a program may read as an option or an
    /// operator.
    bool may_begin_option = true;
};

/// The shapes of the parameters in the schema of an action's arguments, by name.
std::map<std::string, ParameterShape> shapes_of(const nlohmann::json& schema);

}  // namespace atlasjob::mcp
