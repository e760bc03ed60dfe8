#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace atlasjob::mcp {

/// What is wrong with `arguments`, as far as it is a name that is missing or unknown, or a value of
/// the wrong type: for each which argument, what is wrong, what is allowed. Empty when it is
/// something else. Both must be objects; `schema` is a JSON schema.
std::string describe_problems(const nlohmann::json& schema, const nlohmann::json& arguments);

}  // namespace atlasjob::mcp
