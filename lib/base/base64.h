#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

/// Encodes any bytes as base64 (RFC 4648, section 4: with + and /, padded).
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// Decodes `text`; nullopt for anything that to_base64 would not produce.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace atlasjob
