#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// Where a list goes on, as text that callers hand back unread: it may change its form.
std::string format_cursor(std::int64_t next_seq);
/// Nothing for a text that format_cursor cannot have made.
std::optional<std::int64_t> parse_cursor(std::string_view cursor);

}  // namespace atlasjob::view
