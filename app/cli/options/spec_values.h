#pragma once

#include "ledger/job.h"

#include <span>
#include <string>
#include <string_view>

namespace atlasjob::cli {

// Texts of options as values. Each throws invalid_argument that names the option and the text.

/// The place of `text` among `choices`. What is none of them is refused with the nearest one, or
/// else with all of them.
std::size_t require_choice(
    std::string_view option, std::string_view text, std::span<const std::string_view> choices);

/// "key=value".
Label parse_label(std::string_view text);

/// `text` as compact JSON.
std::string require_json(std::string_view option, std::string_view text);

/// A target: JSON as it is, anything else as a JSON string.
std::string parse_target(std::string_view text);

/// "0.4" or "40%" as 0.0-1.0.
double parse_progress(std::string_view text);

/// "4096", "64K", "10MiB", "1G" in bytes (powers of 1024).
std::int64_t parse_size(std::string_view option, std::string_view text);

/// A whole number from `least` to `most`.
int parse_number(std::string_view option, std::string_view text, int least, int most);

/// "500ms", "30s", "15m", "2h", "7d".
milliseconds parse_span(std::string_view option, std::string_view text);

/// RFC 3339.
Time parse_moment(std::string_view option, std::string_view text);

/// Something that can name a job; whether there is one is not known yet.
std::string parse_job_name(std::string_view option, std::string_view text);

ResultFrom parse_result_from(std::string_view text);

/// The content of a file, with "-" of standard input; not more than `most` bytes.
std::string read_text(std::string_view option, const std::string& path, std::size_t most);

}  // namespace atlasjob::cli
