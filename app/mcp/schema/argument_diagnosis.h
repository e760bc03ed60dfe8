#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace atlasjob::mcp {

/// What is wrong with `arguments`: for each which argument (also within lists and objects), what is
/// wrong, what is allowed. Knows names that are missing or unknown, types, choices, ranges, lengths
/// and patterns; empty when it is something else. Both must be objects; `schema` is a JSON schema.
std::string describe_problems(const nlohmann::json& schema, const nlohmann::json& arguments);

}  // namespace atlasjob::mcp
