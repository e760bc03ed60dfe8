#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atlasjob::cli {

inline constexpr std::size_t kPageColumns = 80;

/// `text` as lines of at most kPageColumns columns (it is ASCII), broken at blanks; line breaks in
/// it stay. The first line begins in column `begin`, which the caller has reached already; the
/// others are indented by `indent`. Ends with a line break.
std::string paragraph(std::string_view text, std::size_t begin, std::size_t indent);

}  // namespace atlasjob::cli
