#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

/// Reading what both eras' requests have in common. `params` is an object; everything throws
/// Error(invalid_argument) that names the member.
namespace atlasjob::mcp {

const std::string& required_text(const nlohmann::json& params, const char* key);

const nlohmann::json& required_object(const nlohmann::json& params, const char* key);

/// An empty object when it was left out.
const nlohmann::json& optional_object(const nlohmann::json& params, const char* key);

/// Refuses a cursor: every list here is one page and hands none out. An empty one is taken for
/// "from the start", as some clients mean it.
void refuse_cursor(const nlohmann::json& params);

}  // namespace atlasjob::mcp
