#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace atlasjob::mcp {

/// Describes what is wrong with `arguments`: which argument (also within arrays and objects), why,
/// and what is allowed. Covers missing and unknown names, types, choices, ranges, lengths and
/// patterns; empty if the problem is of another kind. Both must be objects; `schema` is a JSON
/// schema.
std::string describe_problems(const nlohmann::json& schema, const nlohmann::json& arguments);

}  // namespace atlasjob::mcp
