#include "runner/attempt/report_channel.h"

#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "ledger/limits.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kQuoted = 120;  ///< How many bytes of an invalid line are quoted.

[[noreturn]] void refuse(std::string_view name, std::string_view value, std::string_view type) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} {} is not {}", name, clipped(value, kQuoted), type));
}

double read_number(std::string_view name, std::string_view value) {
    const Json number = Json::parse(value);
    if (!number.is_number()) refuse(name, value, "a number from 0 to 1");
    return number.get<double>();
}

std::string read_text(std::string_view name, std::string_view value) {
    if (!value.starts_with('"')) refuse(name, value, "a string");
    return clipped(Json::parse(value).get<std::string>());
}

std::int64_t read_count(std::string_view name, std::string_view value) {
    const auto count = parse_integer<std::int64_t>(value);
    if (!count || *count < 0) refuse(name, value, "a non-negative integer");
    return *count;
}

void read_member(Report& report, const std::string& name, std::string_view value) {
    if (name == "result") {
        report.result = std::string{value};
        return;
    }
    if (value == "null") return;
    if (name == "progress") report.progress = read_number(name, value);
    if (name == "phase") report.phase = read_text(name, value);
    if (name == "message") report.message = read_text(name, value);
    if (name == "current") report.current = read_count(name, value);
    if (name == "total") report.total = read_count(name, value);
}

}  // namespace

std::variant<Report, std::string> parse_report(std::string_view line) {
    const auto compact = compact_json(line);
    if (!compact) return fmt::format("not JSON: {}", clipped(line, kQuoted));
    if (!compact->starts_with('{')) {
        return fmt::format("not a JSON object: {}", clipped(line, kQuoted));
    }
    Report report;
    try {
        for (const JsonMember& member : members_of(*compact))
            read_member(report, member.key, member.value);
        check(report);
    } catch (const Error& error) {
        return error.message();
    }
    return report;
}

ReportChannel::ReportChannel(OnReport on_report, OnBadLine on_bad_line)
    : on_report_(std::move(on_report)), on_bad_line_(std::move(on_bad_line)) {}

void ReportChannel::feed(std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos;
         end = bytes.find('\n')) {
        if (!too_long_) line_.append(bytes.substr(0, end));
        end_line();
        bytes.remove_prefix(end + 1);
    }
    if (!too_long_) line_.append(bytes);
    if (line_.size() > kMaxReportLine) {
        too_long_ = true;
        line_.clear();
        line_.shrink_to_fit();
    }
}

void ReportChannel::finish() {
    end_line();
}

void ReportChannel::end_line() {
    if (too_long_ || line_.size() > kMaxReportLine) {
        on_bad_line_(fmt::format("longer than {} bytes", kMaxReportLine));
    } else if (!trim(line_).empty()) {
        auto parsed = parse_report(line_);
        if (auto* report = std::get_if<Report>(&parsed)) {
            on_report_(std::move(*report));
        } else {
            on_bad_line_(std::get<std::string>(parsed));
        }
    }
    too_long_ = false;
    line_.clear();
}

}  // namespace atlasjob
