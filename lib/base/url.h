#pragma once

#include <string>
#include <string_view>

namespace atlasjob {

/// Normalizes `url` for comparison: scheme and host in lower case, no default port, needless
/// escapes decoded and the others in upper case (RFC 3986, 6.2.2), a space as %20, no trailing
/// slash. In text that is not a URL, only the escapes and trailing slashes are normalized.
[[nodiscard]] std::string normalized_url(std::string_view url);

/// Escapes any text as one segment of a URL's path.
[[nodiscard]] std::string url_segment(std::string_view text);

}  // namespace atlasjob
