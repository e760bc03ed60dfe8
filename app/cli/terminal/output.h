#pragma once

#include "view/style.h"

#include <string>
#include <string_view>

namespace atlasjob::cli {

enum class ColorMode { automatic, always, never };

/// How text on `fd` may look: colour only on a terminal and without NO_COLOR, unless `mode` says
/// otherwise (a flag goes before the environment); cut only where a terminal has so many columns.
view::Style style_of(int fd, ColorMode mode);

/// Writes an answer to standard output. A reader that has left is no error; anything else that
/// keeps it from arriving throws unavailable.
void write_answer(std::string_view text);
/// The same of an answer that goes on and on: false when its reader has left.
bool write_stream(std::string_view text);
/// Writes what people should know beside the answer to standard error; nothing can be done when
/// that fails.
void write_note(std::string_view text);
/// Writes an answer that belongs on standard error. As write_answer.
void write_answer_to_stderr(std::string_view text);

/// Opens /dev/null for each of the descriptors 0-2 that is closed, so that no ledger file can get
/// its number and be written to as if it were a terminal. Writing to one that was closed fails as
/// it would have.
void fill_standard_descriptors();

}  // namespace atlasjob::cli
