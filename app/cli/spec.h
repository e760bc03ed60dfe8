#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

class Arguments;

/// The part of a SPEC that is about the job, whoever executes it.
struct JobSpec {
    std::string kind = "command";
    std::optional<std::string> name;
    std::optional<std::string> target;  ///< Compact JSON.
    std::vector<Label> labels;
    std::string queue = "default";
    std::optional<std::int64_t> priority;
    std::optional<std::string> key;
    std::optional<milliseconds> retention;
};

/// The values are read as they are parsed: what is wrong is named before any ledger is touched.
void declare(Arguments& arguments, JobSpec& spec);

/// A job of `owner` by that SPEC. Throws invalid_argument (limits.h).
NewJob new_job(const JobSpec& spec, const Principal& owner, Time now);

/// "key=value". Throws invalid_argument that names the text.
Label parse_label(std::string_view text);

/// `text` as compact JSON. Throws invalid_argument that names it.
std::string require_json(std::string_view option, std::string_view text);

/// A target: JSON as it is, anything else as a JSON string.
std::string parse_target(std::string_view text);

/// "0.4" or "40%" as 0.0-1.0. Throws invalid_argument that names the text.
double parse_progress(std::string_view text);

/// "4096", "64K", "10MiB", "1G" in bytes (powers of 1024). Throws invalid_argument.
std::int64_t parse_size(std::string_view option, std::string_view text);

}  // namespace atlasjob::cli
