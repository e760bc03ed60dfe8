#include "cli/options/spec_values.h"

#include "base/blocking_io.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/signals.h"
#include "base/text.h"
#include "ledger/limits.h"
#include "ledger/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kShownBytes = 200;  ///< Length limit of a value quoted in an error.

[[noreturn]] void refuse(
    std::string_view what, std::string_view value, std::string_view why, std::string_view hint) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} \"{}\": {}", what, clipped(value, kShownBytes), why), hint);
}

}  // namespace

std::size_t require_choice(
    std::string_view option, std::string_view text, std::span<const std::string_view> choices) {
    const auto found = std::ranges::find(choices, text);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    const std::string_view meant = nearest(text, choices);
    if (!meant.empty()) {
        refuse(option, text, "invalid value", fmt::format("did you mean {}?", meant));
    }
    const auto all_but_last = choices.first(choices.size() - 1);
    refuse(
        option, text, "invalid value",
        fmt::format("use {} or {}", fmt::join(all_but_last, ", "), choices.back()));
}

Label parse_label(std::string_view text) {
    const std::size_t sign = text.find('=');
    if (sign == std::string_view::npos) {
        refuse("--label", text, "missing =", "use KEY=VALUE");
    }
    Label label{std::string{text.substr(0, sign)}, std::string{text.substr(sign + 1)}};
    check_label(label);
    return label;
}

std::string require_json(std::string_view option, std::string_view text) {
    auto json = compact_json(text);
    if (!json) {
        refuse(option, text, "not JSON", "use a JSON value such as {\"files\":3} or \"a string\"");
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
        "use a number from 0 to 1, or a percentage such as 40%";
    const bool percent = text.ends_with('%');
    const std::string_view digits = percent ? text.substr(0, text.size() - 1) : text;
    double value = 0.0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || stop != digits.data() + digits.size()) {
        refuse("--progress", text, "not a number", kHint);
    }
    const double progress = percent ? value / 100.0 : value;
    // Written so that NaN is refused too.
    if (!(progress >= 0.0 && progress <= 1.0)) refuse("--progress", text, "out of range", kHint);
    return progress;
}

std::int64_t parse_size(std::string_view option, std::string_view text) {
    static constexpr std::string_view kHint = "use a number of bytes, or a number with K, M or G";
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

int parse_number(std::string_view option, std::string_view text, int min, int max) {
    const auto number = parse_integer<std::int64_t>(text);
    if (!number) refuse(option, text, "not a whole number", "use a whole number");
    if (*number < min || *number > max) {
        refuse(option, text, "out of range", fmt::format("use a number from {} to {}", min, max));
    }
    return static_cast<int>(*number);
}

double parse_backoff_factor(std::string_view option, std::string_view text) {
    double factor = 0.0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
    const bool is_number = error == std::errc{} && stop == text.data() + text.size();
    if (is_number && is_backoff_factor(factor)) return factor;
    refuse(
        option, text, is_number ? "out of range" : "not a number",
        fmt::format("use a number from 1 (a constant delay) to {}", kMaxBackoffFactor));
}

std::string require_kill_signal(std::string_view option, std::string_view text) {
    if (auto name = kill_signal_name(text)) return std::move(*name);
    if (!parse_signal(text))
        refuse(option, text, "no such signal", "use a name such as INT, or a number");
    refuse(option, text, "does not end a process", "use a signal such as INT or QUIT");
}

milliseconds parse_span(std::string_view option, std::string_view text) {
    const auto span = parse_duration(text);
    if (!span) {
        refuse(
            option, text, "not a duration", "use a duration such as 500ms, 30s, 15m, 2h, 7d or 1w");
    }
    return *span;
}

TimeText parse_time_text(std::string_view option, std::string_view text) {
    const auto time = TimeText::parse(text);
    if (time) return *time;
    refuse(
        option, text, "not a time",
        "use now, 18:00, tomorrow, \"tomorrow 18:00\", \"2027-01-05 18:00\" or "
        "2027-01-05T18:00:00Z, or a delay with --in");
}

std::string parse_job_name(std::string_view option, std::string_view text) {
    if (!JobRef::parse(text)) {
        refuse(option, text, "does not name a job", "use a number, a job_id, or last");
    }
    return std::string{text};
}

ResultFrom parse_result_from(std::string_view text) {
    static constexpr std::array<std::string_view, 2> kSources = {"report", "stdout"};
    return require_choice("--result", text, kSources) == 0 ? ResultFrom::report
                                                           : ResultFrom::standard_output;
}

std::string read_text(std::string_view option, const std::string& path, std::size_t max) {
    const auto refuse_file = [&](int error) {
        refuse(option, path, errno_text(error), "give a readable file, or -");
    };
    const UniqueFd opened = path == "-" ? UniqueFd{} : open_file(path, O_RDONLY);
    if (path != "-" && !opened) refuse_file(errno);
    const int file = path == "-" ? STDIN_FILENO : opened.get();
    std::string input;
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t count = read_some(file, buffer.data(), buffer.size());
        if (count < 0) refuse_file(errno);
        if (count == 0) return input;
        input.append(buffer.data(), static_cast<std::size_t>(count));
        if (input.size() > max) {
            refuse(
                option, path, "too long",
                fmt::format("give at most {} MiB, or let the command read it", max >> 20U));
        }
    }
}

}  // namespace atlasjob::cli
