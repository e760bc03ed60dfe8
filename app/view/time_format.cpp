#include "view/time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace atlasjob::view {

namespace {

struct Unit {
    char letter;
    std::int64_t seconds;
};
constexpr std::array kUnits = {Unit{'d', 86'400}, Unit{'h', 3'600}, Unit{'m', 60}, Unit{'s', 1}};

tm local_time(Time time) {
    const auto seconds = static_cast<time_t>(
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    tm local{};
    localtime_r(&seconds, &local);
    return local;
}

}  // namespace

std::string span_text(milliseconds span) {
    // A clock that was set back can make durations negative.
    const std::int64_t ms = std::max<std::int64_t>(span.count(), 0);
    if (ms < 1000) return fmt::format("{}ms", ms);
    std::int64_t seconds = ms / 1000;
    std::string text;
    int shown = 0;
    for (const Unit& unit : kUnits) {
        const std::int64_t count = seconds / unit.seconds;
        seconds %= unit.seconds;
        // Only adjacent units are combined, and zero units are left out: "2d", not "2d 0h".
        if (count == 0 && shown == 1) break;
        if (count == 0) continue;
        text += fmt::format("{}{}{}", shown == 0 ? "" : " ", count, unit.letter);
        if (++shown == 2) break;
    }
    return text;
}

std::string relative_text(Time time, Time now) {
    const milliseconds since = now - time;
    if (since >= milliseconds{0} && since < milliseconds{1000}) return "just now";
    if (since.count() > 0) return span_text(since) + " ago";
    return "in " + span_text(-since);
}

std::string clock_text(Time time, Time now) {
    const tm then = local_time(time);
    const tm today = local_time(now);
    std::string clock = fmt::format("{:02}:{:02}:{:02}", then.tm_hour, then.tm_min, then.tm_sec);
    if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday) return clock;
    return fmt::format(
        "{:04}-{:02}-{:02} {}", then.tm_year + 1900, then.tm_mon + 1, then.tm_mday, clock);
}

std::string time_text(Time time, Time now) {
    return fmt::format("{} ({})", relative_text(time, now), clock_text(time, now));
}

}  // namespace atlasjob::view
