#pragma once

#include <string>
#include <string_view>

namespace atlasjob::view {

/// `json`, which must be compact, in several lines, as JSON.stringify(value, null, 2) and Python's
/// json.dumps with indent=2 write it. Order, numbers and texts stay as they are.
std::string indented_json(std::string_view json);

}  // namespace atlasjob::view
