#pragma once

#include <nlohmann/json_fwd.hpp>

namespace atlasjob::mcp {

/// The arguments (an object) of a call as they count, by the tool's input schema: an optional
/// argument that is null is left out, unless null is one of its values, and a number without a
/// fraction becomes an integer where the schema asks for one, also within arrays and objects.
nlohmann::json given_arguments(const nlohmann::json& schema, const nlohmann::json& arguments);

/// Whether a number has no fraction, however it is written.
bool is_whole(const nlohmann::json& value);

}  // namespace atlasjob::mcp
