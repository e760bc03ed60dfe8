#pragma once

#include "cli/options/spec.h"

namespace atlasjob::cli {

/// One job that a line describes.
struct BatchLine {
    std::size_t number = 0;  ///< From 1, as editors count.
    Spec spec;
    std::vector<std::string> command;
};

/// Reads NDJSON: an object a line, its keys the names of the SPEC's options with _ for -, and
/// "command", an array of texts. Values are texts as on the command line; numbers and booleans may
/// be written as such, what may be repeated as an array, labels and env as an object, a target as
/// any JSON. What a line does not say is as in `defaults`. Empty lines are passed over.
///
/// Throws invalid_argument for the first bad line, naming its number; `source` is what people call
/// the text.
std::vector<BatchLine> read_batch(
    std::string_view text, std::string_view source, const Spec& defaults);

/// The Error of something wrong with a line, of whatever code it was.
[[noreturn]] void refuse_line(std::size_t number, std::string_view source, std::string_view why);

}  // namespace atlasjob::cli
