#include "mcp/protocol/task_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace atlasjob::mcp {

namespace {

using std::chrono::seconds;
using namespace std::chrono_literals;

/// Indexed by the bits of a limit; the first stands for none.
constexpr std::array<seconds, 32> kLimits = {
    0s,    1s,    2s,    3s,     5s,     10s,    15s,    20s,    30s,    45s,    60s,
    90s,   120s,  180s,  240s,   300s,   450s,   600s,   900s,   1200s,  1800s,  2700s,
    3600s, 5400s, 7200s, 10800s, 14400s, 21600s, 28800s, 43200s, 86400s, 172800s};
static_assert(std::ranges::is_sorted(kLimits));

constexpr int kLimitShift = 27;
constexpr int kRunShift = 24;
constexpr std::uint32_t kRunMask = 7;
/// 194 days; a wait that begins later has no limit.
constexpr std::uint32_t kMaxSeconds = (1U << kRunShift) - 1;
constexpr std::size_t kDigits = 8;

std::uint32_t limit_bits(milliseconds limit) {
    const auto* const longer = std::ranges::upper_bound(kLimits, limit);
    return static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(longer - kLimits.begin() - 1, 1));
}

std::optional<std::uint32_t> parse_number(std::string_view text, int base) {
    std::uint32_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

bool is_lower_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// A number from 1, without leading zeros.
std::optional<int> parse_retries(std::string_view text) {
    if (text.empty() || text.front() < '1' || text.front() > '9' || text.size() > 9) return {};
    const auto number = parse_number(text, 10);
    return number ? std::optional{static_cast<int>(*number)} : std::nullopt;
}

}  // namespace

WaitCode WaitCode::make(
    const Job& job, int run, Time now, const std::optional<milliseconds>& limit) {
    const auto age = std::chrono::floor<seconds>(now - job.created_at).count();
    const auto since = static_cast<std::uint32_t>(std::clamp<std::int64_t>(age, 0, kMaxSeconds));
    std::uint32_t bits = since | (static_cast<std::uint32_t>(run) & kRunMask) << kRunShift;
    if (limit && since < kMaxSeconds) bits |= limit_bits(*limit) << kLimitShift;
    return WaitCode{bits};
}

std::optional<WaitCode> WaitCode::parse(std::string_view text) {
    if (text.size() != kDigits || !std::ranges::all_of(text, is_lower_hex)) return {};
    const auto bits = parse_number(text, 16);
    return bits ? std::optional{WaitCode{*bits}} : std::nullopt;
}

std::string WaitCode::str() const {
    return fmt::format("{:08x}", bits_);
}

Time WaitCode::began_at(const Job& job) const {
    return job.created_at + seconds{bits_ & kMaxSeconds};
}

std::optional<milliseconds> WaitCode::limit() const {
    const std::uint32_t index = bits_ >> kLimitShift;
    return index == 0 ? std::nullopt : std::optional<milliseconds>{kLimits.at(index)};
}

bool WaitCode::may_be_for(int run) const {
    return (static_cast<std::uint32_t>(run) & kRunMask) == (bits_ >> kRunShift & kRunMask);
}

std::optional<TaskId> TaskId::parse(std::string_view text) {
    const std::size_t dot = text.find('.');
    const auto job_id = JobId::parse(text.substr(0, dot));
    if (!job_id) return {};
    if (dot == std::string_view::npos) return TaskId{*job_id, 0, {}};
    const std::string_view rest = text.substr(dot + 1);
    if (rest.starts_with('r')) {
        const auto retries = parse_retries(rest.substr(1));
        return retries ? std::optional{TaskId{*job_id, *retries, {}}} : std::nullopt;
    }
    if (!rest.starts_with('w')) return {};
    const auto wait = WaitCode::parse(rest.substr(1));
    return wait ? std::optional{TaskId{*job_id, 0, wait}} : std::nullopt;
}

std::string TaskId::str() const {
    if (wait) return fmt::format("{}.w{}", job_id.view(), wait->str());
    if (retries > 0) return fmt::format("{}.r{}", job_id.view(), retries);
    return job_id.str();
}

}  // namespace atlasjob::mcp
