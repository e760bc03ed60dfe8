#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

/// Any bytes as text (RFC 4648, section 4: with + and /, padded).
std::string to_base64(std::string_view bytes);

/// The bytes that `text` stands for. Nothing for anything that to_base64 does not make.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace atlasjob
