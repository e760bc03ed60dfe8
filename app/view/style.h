#pragma once

#include "ledger/status.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// Capabilities of the output device.
struct Style {
    bool colour = false;
    std::size_t width = 0;  ///< Columns of the terminal; 0 if not a terminal, then nothing is cut.
};

enum class Color { plain, strong, faint, good, bad, warning, active };

/// `text` in that colour, or unchanged if the style has no colours.
std::string painted(std::string_view text, Color color, const Style& style);
Color color_of(Status status);

/// Makes `text` safe to print: one line, valid UTF-8, no control characters, which a terminal would
/// execute.
std::string printable(std::string_view text);

/// Number of terminal columns of `text`, which must be printable.
std::size_t display_width(std::string_view text);
/// `text` cut to at most `columns` columns, with "…" at the cut; unchanged if `columns` is 0.
std::string fitted(std::string_view text, std::size_t columns);
/// The same with "…" after the first third, so that the end of the text stays.
std::string fitted_with_end(std::string_view text, std::size_t columns);

/// One argument quoted for a shell, and made printable.
std::string shell_word(std::string_view argument);
/// A command line for people to read and copy.
std::string command_text(std::span<const std::string> argv);

}  // namespace atlasjob::view
