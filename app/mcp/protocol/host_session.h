#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace atlasjob::mcp {

/// The conversation that a request belongs to, if its host names it in `params._meta` (the table in
/// host_session.cpp), made valid (jobs/session.h). It may change from call to call: some hosts
/// serve many conversations through one server. It is information for filters, never a permission.
[[nodiscard]] std::optional<std::string> host_session(const nlohmann::json& params);

}  // namespace atlasjob::mcp
