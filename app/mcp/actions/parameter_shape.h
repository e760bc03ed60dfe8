#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace atlasjob::mcp {

/// What the schema of a parameter guarantees about every value that a caller can give.
struct ParameterShape {
    bool always_given = false;  ///< Required or with a default, and never null.
    bool may_be_list = true;
    /// It may be empty, or begin with a sign that some program takes for an option or an operator.
    bool may_begin_option = true;
};

/// The shapes of the parameters that a schema of an action's arguments describes, by name.
std::map<std::string, ParameterShape> shapes_of(const nlohmann::json& schema);

}  // namespace atlasjob::mcp
