#pragma once

#include "ledger/status.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// What the reader's side can show.
struct Style {
    bool colour = false;
    std::size_t width = 0;  ///< Columns of the terminal; 0: not a terminal, never cut anything.
};

enum class Color { plain, strong, faint, good, bad, warning, active };

/// `text` in that ink, or just as it is where there is no colour.
std::string painted(std::string_view text, Color ink, const Style& style);
Color ink_of(Status status);

/// `text` as it can be shown to people: one line, no control characters (they would reach the
/// terminal as commands), no bytes that are not UTF-8.
std::string printable(std::string_view text);

/// How many columns a terminal gives to `text`, which must be printable.
std::size_t display_width(std::string_view text);
/// `text` in at most `columns` columns, the cut marked by "…"; 0 columns: as it is.
std::string fitted(std::string_view text, std::size_t columns);

/// One argument as a shell reads it back, as far as it is printable at all.
std::string shell_word(std::string_view argument);
/// A command line for people to read and copy.
std::string command_text(std::span<const std::string> argv);

}  // namespace atlasjob::view
