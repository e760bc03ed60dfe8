#pragma once

#include <string>
#include <string_view>

namespace atlasjob {

/// `text` as valid UTF-8 on one line, with every character that a terminal would act on shown by
/// its number, as in "\u{1b}": C0 and C1 control characters, line ends, and the marks that reorder
/// text. Invalid bytes become U+FFFD.
[[nodiscard]] std::string escape_controls(std::string_view text);

/// The same for JSON, whose value does not change: shown as in "\u001b".
[[nodiscard]] std::string escape_json_controls(std::string_view json);

}  // namespace atlasjob
