#include "cli/options/record_value.h"

#include "base/base64.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <charconv>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kShownBytes = 80;  ///< Length limit of a value quoted in an error.

}  // namespace

void RecordValue::refuse(std::string_view what) const {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("\"{}\": {} is not {}", key_, clipped(json_, kShownBytes), what));
}

std::string RecordValue::text() const {
    if (!json_.starts_with('"')) refuse("a string");
    return text_of_json_string(json_);
}

std::string RecordValue::bytes() const {
    auto bytes = from_base64(text());
    if (!bytes) refuse("base64");
    return std::move(*bytes);
}

std::int64_t RecordValue::integer() const {
    const auto value = parse_integer<std::int64_t>(json_);
    if (!value) refuse("a whole number");
    return *value;
}

int RecordValue::number(int min, int max) const {
    const std::int64_t value = integer();
    if (value < min || value > max) refuse(fmt::format("from {} to {}", min, max));
    return static_cast<int>(value);
}

std::uint64_t RecordValue::natural() const {
    const std::int64_t value = integer();
    if (value < 0) refuse("a natural number");
    return static_cast<std::uint64_t>(value);
}

double RecordValue::real() const {
    double value = 0;
    const char* end = json_.data() + json_.size();
    const auto [stop, failed] = std::from_chars(json_.data(), end, value);
    if (failed != std::errc{} || stop != end) refuse("a number");
    return value;
}

bool RecordValue::flag() const {
    if (json_ != "true" && json_ != "false") refuse("true or false");
    return json_ == "true";
}

Time RecordValue::time() const {
    const auto value = parse_time(text());
    if (!value) refuse("a time such as 2026-11-22T12:00:00.250Z");
    return *value;
}

milliseconds RecordValue::span() const {
    return milliseconds{integer()};
}

JobId RecordValue::job_id() const {
    const auto value = JobId::parse(text());
    if (!value) refuse("a job_id");
    return *value;
}

Status RecordValue::status() const {
    const auto value = parse_status(text());
    if (!value) refuse("a status");
    return *value;
}

Reason RecordValue::reason() const {
    const auto value = parse_reason(text());
    if (!value) refuse("a reason");
    return *value;
}

std::vector<RecordValue> RecordValue::members() const {
    if (!json_.starts_with('{')) refuse("an object");
    std::vector<RecordValue> members;
    for (const JsonMember& member : members_of(json_))
        members.emplace_back(member.key, member.value);
    return members;
}

std::vector<RecordValue> RecordValue::elements() const {
    if (!json_.starts_with('[')) refuse("an array");
    std::vector<RecordValue> elements;
    for (const std::string_view element : elements_of(json_))
        elements.emplace_back(key_, element);
    return elements;
}

}  // namespace atlasjob::cli
