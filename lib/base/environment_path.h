#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

/// The path in an environment variable; nullopt if it is unset or empty, or holds a relative path,
/// which would be another place in every working directory. Threads as environment().
[[nodiscard]] std::optional<std::string> environment_path(const char* name);

/// Why environment_path() returns nullopt: "HOME is not set", "HOME is not an absolute path".
[[nodiscard]] std::string why_no_path(std::string_view name);

}  // namespace atlasjob
