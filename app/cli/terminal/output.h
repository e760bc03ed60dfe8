#pragma once

#include "view/style.h"

#include <string>
#include <string_view>

namespace atlasjob::cli {

enum class ColorMode { automatic, always, never };

/// Whether `fd` is a terminal that understands escape sequences: TERM is set and not "dumb".
bool has_escape_sequences(int fd);

/// The style for text on `fd`. Colours only on a terminal without NO_COLOR, unless `mode` overrides
/// it; text is cut only to the width of a terminal.
view::Style style_of(int fd, ColorMode mode);

/// Writes an answer to standard output. EPIPE is ignored; any other failure throws unavailable.
void write_answer(std::string_view text);
/// Writes a part of a continuous answer. Returns false on EPIPE; any other failure throws
/// unavailable.
bool write_stream(std::string_view text);
/// Whether standard output is a pipe or a socket that nobody reads any more, which a program that
/// seldom writes would learn late.
bool reader_has_left();
/// Writes a remark to standard error, one or more whole lines or the beginning of one. All messages
/// pass here: everything but line ends is escaped (escape_controls), because user text may be part
/// of any message. Failures are ignored.
void write_note(std::string_view text);
/// Writes text that contains nothing of a user's, such as what moves the cursor, to standard error
/// as it is. Failures are ignored.
void write_unescaped(std::string_view text);
/// Writes an answer to standard error; otherwise like write_answer.
void write_answer_to_stderr(std::string_view text);

/// Opens /dev/null for each of the descriptors 0-2 that is closed, so that no ledger file gets its
/// number and receives output. Writing to such a descriptor still fails.
void fill_standard_descriptors();

}  // namespace atlasjob::cli
