#pragma once

#include "base/time_text.h"
#include "ledger/job.h"

#include <span>
#include <string>
#include <string_view>

namespace atlasjob::cli {

// Parsers of option values. Each throws invalid_argument that names the option and the text.

/// The index of `text` in `choices`. Other texts are refused with a suggestion of the nearest
/// choice, or with the list of choices.
std::size_t require_choice(
    std::string_view option, std::string_view text, std::span<const std::string_view> choices);

/// "key=value".
Label parse_label(std::string_view text);

/// `text` as compact JSON.
std::string require_json(std::string_view option, std::string_view text);

/// A target: JSON unchanged, other text as a JSON string.
std::string parse_target(std::string_view text);

/// "0.4" or "40%" as 0.0-1.0.
double parse_progress(std::string_view text);

/// "4096", "64K", "10MiB", "1G" in bytes (powers of 1024).
std::int64_t parse_size(std::string_view option, std::string_view text);

/// A whole number from `min` to `max`.
int parse_number(std::string_view option, std::string_view text, int min, int max);

/// A factor that a backoff can have.
double parse_backoff_factor(std::string_view option, std::string_view text);

/// The name of a signal that ends processes: "SIGINT" for "int", "INT" or "2".
std::string require_kill_signal(std::string_view option, std::string_view text);

/// "500ms", "30s", "15m", "2h", "7d", "1w".
milliseconds parse_span(std::string_view option, std::string_view text);

/// A future time as TimeText reads it.
TimeText parse_time_text(std::string_view option, std::string_view text);

/// Checks that the text is a valid JOB; does not check that the job exists.
std::string parse_job_name(std::string_view option, std::string_view text);

ResultFrom parse_result_from(std::string_view text);

/// The content of a file, or of standard input for "-", at most `max` bytes.
std::string read_text(std::string_view option, const std::string& path, std::size_t max);

}  // namespace atlasjob::cli
