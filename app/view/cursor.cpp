#include "view/cursor.h"

#include "base/text.h"

namespace atlasjob::view {

namespace {

// Marks the form, so that a cursor of another version is refused and not misread.
constexpr std::string_view kForm = "s1-";

}  // namespace

std::string format_cursor(std::int64_t next_seq) {
    return std::string{kForm} + std::to_string(next_seq);
}

std::optional<std::int64_t> parse_cursor(std::string_view cursor) {
    if (!cursor.starts_with(kForm)) return {};
    const auto seq = parse_integer<std::int64_t>(cursor.substr(kForm.size()));
    if (!seq || *seq < 1) return {};
    return seq;
}

}  // namespace atlasjob::view
