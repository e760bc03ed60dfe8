#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// Output of a command as a terminal shows it, as plain text: escape sequences and other control
/// characters are removed, and on each line, what `\r`, backspaces and movements of the cursor
/// along the line overwrite or erase is gone. Movements between lines are ignored. `text` must be
/// valid UTF-8.
std::string terminal_text(std::string_view text);

/// The length of the escape sequence that `text` starts with; 0 if it starts with none, or if the
/// sequence is cut off.
std::size_t sequence_length(std::string_view text);

/// The length of `text` without an escape sequence that is cut off at its end.
std::size_t length_of_whole_sequences(std::string_view text);

}  // namespace atlasjob::view
