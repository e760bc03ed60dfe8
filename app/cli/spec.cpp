#include "cli/spec.h"

#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kShownBytes = 200;  ///< Of a value in an error.

[[noreturn]] void refuse(
    std::string_view what, std::string_view value, std::string_view why, std::string_view hint) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} \"{}\": {}", what, clipped(value, kShownBytes), why), hint);
}

int require_priority(std::int64_t priority) {
    if (priority < -kHighestPriority || priority > kHighestPriority) {
        refuse(
            "--priority", std::to_string(priority), "out of range",
            fmt::format("give a number from {} to {}", -kHighestPriority, kHighestPriority));
    }
    return static_cast<int>(priority);
}

}  // namespace

void declare(Arguments& arguments, JobSpec& spec) {
    arguments.value(
        "--kind", [&](const std::string& text) { spec.kind = text; }, "KIND",
        "what sort of work it is (default: command)");
    arguments.text("--name", spec.name, "NAME", "what people call it");
    arguments.value(
        "--target", [&](const std::string& text) { spec.target = parse_target(text); }, "JSON|TEXT",
        "what the work is about");
    arguments.value(
        "--label", [&](const std::string& text) { spec.labels.push_back(parse_label(text)); },
        "KEY=VALUE", "to find it by; may be repeated");
    arguments.value(
        "--queue", [&](const std::string& text) { spec.queue = text; }, "QUEUE",
        "the queue it belongs to (default: default)");
    arguments.integer("--priority", spec.priority, "N", "higher starts first");
    arguments.text(
        "--key", spec.key, "KEY", "at most one queued or running job of yours has this key");
    arguments.duration("--retain", spec.retention, "how long to keep it once it has ended");
}

NewJob new_job(const JobSpec& spec, const Principal& owner, Time now) {
    NewJob job{JobId::make(now)};
    job.kind = spec.kind;
    job.name = spec.name;
    job.target = spec.target;
    job.owner = owner.name;
    job.labels = spec.labels;
    job.queue = spec.queue;
    job.priority = require_priority(spec.priority.value_or(0));
    job.key = spec.key;
    job.retention = spec.retention;
    check(job);
    return job;
}

Label parse_label(std::string_view text) {
    const std::size_t sign = text.find('=');
    if (sign == std::string_view::npos) {
        refuse("--label", text, "no = in it", "write it as KEY=VALUE");
    }
    Label label{std::string{text.substr(0, sign)}, std::string{text.substr(sign + 1)}};
    check_label(label);
    return label;
}

std::string require_json(std::string_view option, std::string_view text) {
    auto json = compact_json(text);
    if (!json) {
        refuse(
            option, text, "not JSON", "give one JSON value, such as {\"files\":3} or \"a text\"");
    }
    return std::move(*json);
}

std::string parse_target(std::string_view text) {
    if (auto json = compact_json(text)) return std::move(*json);
    std::string quoted;
    append_json_string(quoted, text);
    return quoted;
}

double parse_progress(std::string_view text) {
    static constexpr std::string_view kHint =
        "give a number from 0 to 1, or a percentage such as 40%";
    const bool percent = text.ends_with('%');
    const std::string_view digits = percent ? text.substr(0, text.size() - 1) : text;
    double value = 0.0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || stop != digits.data() + digits.size()) {
        refuse("--progress", text, "not a number", kHint);
    }
    const double progress = percent ? value / 100.0 : value;
    // Written so that NaN, which compares false with everything, is refused too.
    if (!(progress >= 0.0 && progress <= 1.0)) refuse("--progress", text, "out of range", kHint);
    return progress;
}

std::int64_t parse_size(std::string_view option, std::string_view text) {
    static constexpr std::string_view kHint = "give bytes, or a number with K, M or G";
    static constexpr std::string_view kUnits = "KMG";
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = parse_integer<std::int64_t>(text.substr(0, end));
    std::string_view unit = text.substr(end);
    std::int64_t factor = 1;
    if (!unit.empty()) {
        const std::size_t power = kUnits.find(unit[0]);
        const std::string_view rest = unit.substr(1);
        const bool known =
            power != std::string_view::npos && (rest.empty() || rest == "iB" || rest == "B");
        if (!known) refuse(option, text, "not a size", kHint);
        factor = std::int64_t{1} << (10 * (power + 1));
    }
    if (!count || *count > INT64_MAX / factor) refuse(option, text, "not a size", kHint);
    return *count * factor;
}

}  // namespace atlasjob::cli
