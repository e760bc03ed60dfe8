#pragma once

#include "cli/options/spec.h"

namespace atlasjob::cli {

/// The job described by one line.
struct BatchLine {
    std::size_t number = 0;  ///< Counted from 1.
    Spec spec;
    std::vector<std::string> command;
};

/// Parses NDJSON: one object per line, with SPEC option names as keys (_ for -) and "command", an
/// array of strings. Values are strings as on the command line; numbers and booleans may be JSON
/// numbers and booleans, repeatable options arrays, labels and env objects, and a target any JSON.
/// Options that a line does not set come from `defaults`. Empty lines are skipped.
///
/// Throws invalid_argument that names the first bad line. `source` is the name of the text in
/// errors.
std::vector<BatchLine> read_batch(
    std::string_view text, std::string_view source, const Spec& defaults);

/// Throws invalid_argument for a bad line.
[[noreturn]] void refuse_line(std::size_t number, std::string_view source, std::string_view why);

}  // namespace atlasjob::cli
