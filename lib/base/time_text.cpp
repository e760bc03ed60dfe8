#include "base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace atlasjob {

namespace {

using std::chrono::days;
using std::chrono::seconds;

/// What a clock on the wall shows, as if it were UTC.
using WallTime = Time;

struct DayWord {
    std::string_view word;
    days from_today;
};
constexpr std::array kDayWords = {
    DayWord{"yesterday", days{-1}}, DayWord{"today", days{0}}, DayWord{"tomorrow", days{1}}};

constexpr std::size_t kDateLength = 10;  // 2027-01-05

seconds offset_at(Time time) {
    const auto since_epoch = std::chrono::floor<seconds>(time).time_since_epoch().count();
    const auto instant = static_cast<time_t>(since_epoch);
    tm local{};
    localtime_r(&instant, &local);
    return seconds{local.tm_gmtoff};
}

WallTime wall_at(Time time) {
    return time + offset_at(time);
}

/// When the wall clock shows a time: twice if the clocks are turned back meanwhile.
struct Moments {
    Time first;
    Time second;
};

/// The end of a gap in local time that `wall` lies in: the first moment that shows a later time.
Time end_of_gap(WallTime wall, Time before, Time after) {
    while (after - before > seconds{1}) {
        const Time middle = before + std::chrono::floor<seconds>((after - before) / 2);
        (wall_at(middle) < wall ? before : after) = middle;
    }
    return std::chrono::floor<seconds>(after);
}

Moments moments_of(WallTime wall) {
    const Time one = wall - offset_at(wall - days{1});
    const Time other = wall - offset_at(wall + days{1});
    const auto [first, second] = std::minmax(one, other);
    const bool shows_first = wall_at(first) == wall;
    const bool shows_second = wall_at(second) == wall;
    if (shows_first && shows_second) return {first, second};
    if (shows_first) return {first, first};
    if (shows_second) return {second, second};
    const Time end = end_of_gap(wall, first, second);
    return {end, end};
}

WallTime midnight_of(Time now) {
    return std::chrono::floor<days>(wall_at(now));
}

/// The moment at this time of the day that is next to `now` on one side.
Time nearest_moment(milliseconds clock, Time now, TimeText::Side side) {
    const bool future = side == TimeText::Side::future;
    const days step{future ? 1 : -1};
    WallTime wall = midnight_of(now) + clock;
    for (;; wall += step) {
        const Moments moments = moments_of(wall);
        const auto near = future ? moments.first : moments.second;
        const auto far = future ? moments.second : moments.first;
        for (const Time moment : {near, far})
            if (future ? moment >= now : moment <= now) return moment;
    }
}

/// "18:00", "8:00" or "18:00:30" as the time since midnight.
std::optional<milliseconds> parse_clock(std::string_view text) {
    const std::size_t colons = static_cast<std::size_t>(std::ranges::count(text, ':'));
    const bool one_digit = text.size() > 1 && text[1] == ':';
    const auto time = parse_time(
        fmt::format("1970-01-01T{}{}{}Z", one_digit ? "0" : "", text, colons == 1 ? ":00" : ""));
    if (!time || text.find_first_not_of("0123456789:") != std::string_view::npos) return {};
    return time->time_since_epoch();
}

/// "2027-01-05"
std::optional<WallTime> parse_date(std::string_view text) {
    if (text.size() != kDateLength) return {};
    return parse_time(fmt::format("{}T00:00:00Z", text));
}

/// What follows a day: nothing, or a separator and a time.
std::optional<milliseconds> parse_clock_after_day(std::string_view text, bool may_be_t) {
    if (text.empty()) return milliseconds{0};
    if (text[0] != ' ' && !(may_be_t && text[0] == 'T')) return {};
    return parse_clock(text.substr(1));
}

}  // namespace

std::optional<TimeText> TimeText::parse(std::string_view text) {
    if (text == "now") return TimeText{Form::now, {}, {}};
    if (const auto time = parse_time(text)) return at(*time);
    if (const auto clock = parse_clock(text)) return TimeText{Form::clock, Time{*clock}, {}};
    for (const DayWord& day : kDayWords) {
        if (!text.starts_with(day.word)) continue;
        const auto clock = parse_clock_after_day(text.substr(day.word.size()), false);
        return clock ? std::optional{TimeText{Form::day, Time{*clock}, day.from_today}}
                     : std::nullopt;
    }
    const auto date = parse_date(text.substr(0, kDateLength));
    if (!date) return {};
    const auto clock = parse_clock_after_day(text.substr(kDateLength), true);
    return clock ? std::optional{TimeText{Form::dated, *date + *clock, {}}} : std::nullopt;
}

Time TimeText::resolve(Time now, Side side) const {
    switch (form_) {
        case Form::now:
            break;
        case Form::absolute:
            return at_;
        case Form::dated:
            return moments_of(at_).first;
        case Form::day:
            return moments_of(midnight_of(now) + days_ + at_.time_since_epoch()).first;
        case Form::clock:
            return nearest_moment(at_.time_since_epoch(), now, side);
    }
    return now;
}

}  // namespace atlasjob
