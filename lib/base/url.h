#pragma once

#include <string>
#include <string_view>

namespace atlasjob {

/// `url` as one of the many ways to write it, so that two can be compared: scheme and host in lower
/// case, no default port, escapes of characters that need none undone and the others in capitals
/// (RFC 3986, 6.2.2), a blank as %20, no slash at the end. What is no URL comes back as it is,
/// except for these.
std::string normalized_url(std::string_view url);

/// Any text as one segment of a URL's path.
std::string url_segment(std::string_view text);

}  // namespace atlasjob
