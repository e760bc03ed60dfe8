#pragma once

#include "base/time.h"

namespace atlasjob {

/// A time as people write it, such as "tomorrow 18:00". What it means depends on the current time
/// and the local time zone (TZ), so it is resolved when it is used.
class TimeText {
  public:
    /// Which of its moments a time without a day means.
    enum class Side {
        future,  ///< "18:00" is the next one.
        past,    ///< "18:00" is the last one.
    };

    /// Parses RFC 3339 as parse_time() does, "now", and local times: "2027-01-05 18:00",
    /// "2027-01-05", "18:00", and "yesterday", "today" or "tomorrow", alone or with a time. Seconds
    /// may follow the minutes. nullopt for anything else.
    [[nodiscard]] static std::optional<TimeText> parse(std::string_view text);
    /// A time that does not depend on the current one.
    [[nodiscard]] static TimeText at(Time time) { return {Form::absolute, time, {}}; }

    /// The moment it names at `now`. A day without a time is its first moment. A local time that
    /// the clocks skip is the moment they skip to; one that they show twice is the first of the
    /// two, unless it has no day and only the second lies on the wanted side of `now`.
    [[nodiscard]] Time resolve(Time now, Side side = Side::future) const;

  private:
    enum class Form {
        now,
        absolute,  ///< at_ is the time.
        dated,     ///< at_ is the wall clock's reading, as if it were UTC.
        day,       ///< at_ - epoch is the time of the day that lies days_ from today.
        clock,     ///< at_ - epoch is the time of any day.
    };

    TimeText(Form form, Time at, std::chrono::days days) : form_(form), at_(at), days_(days) {}

    Form form_;
    Time at_;
    std::chrono::days days_;
};

}  // namespace atlasjob
