#include "view/progress.h"

#include "view/job_text.h"
#include "view/moments.h"
#include "view/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace atlasjob::view {

namespace {

constexpr std::size_t kLiveBar = 22;
/// A rate of less than this is of no use to anybody.
constexpr milliseconds kShortest{1000};

std::string counter_text(const Job& job) {
    if (!job.current) return {};
    if (!job.total) return std::to_string(*job.current);
    return fmt::format("{}/{}", *job.current, *job.total);
}

std::string pace_text(const Job& job, Time now) {
    const Pace pace = pace_of(job, now);
    std::string text;
    if (pace.per_second) text = rate_text(*pace.per_second);
    if (pace.left) {
        if (!text.empty()) text += ", ";
        text += fmt::format("about {} left", span_text(*pace.left));
    }
    return text;
}

std::string live_status(const Job& job, Time now) {
    if (job.ended_at) {
        const milliseconds ran = *job.ended_at - job.started_at.value_or(job.created_at);
        return fmt::format("{} after {}", to_string(job.status), span_text(ran));
    }
    const Time since =
        job.status == Status::running ? job.started_at.value_or(job.created_at) : job.created_at;
    return fmt::format("{} {}", to_string(job.status), span_text(now - since));
}

std::string live_course(const Job& job, Time now) {
    if (job.ended_at) return printable(job.error.value_or(""));
    std::string course = course_text(job, now);
    if (const auto share = share_of(job)) {
        course = fmt::format(
            "{} {:>4}{}{}", bar_text(*share, kLiveBar), percent_text(job),
            course.empty() ? "" : "  ", course);
    }
    return course;
}

}  // namespace

std::optional<double> share_of(const Job& job) {
    if (job.progress) return std::clamp(*job.progress, 0.0, 1.0);
    if (!job.current || !job.total || *job.total <= 0) return {};
    return std::clamp(
        static_cast<double>(*job.current) / static_cast<double>(*job.total), 0.0, 1.0);
}

std::string percent_text(const Job& job) {
    const auto share = share_of(job);
    if (!share) return {};
    return fmt::format("{}%", static_cast<int>(std::floor(*share * 100.0 + 1e-9)));
}

std::string bar_text(double share, std::size_t columns) {
    const std::size_t inside = columns > 2 ? columns - 2 : 1;
    const auto filled =
        static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(inside));
    return fmt::format("[{}{}]", std::string(filled, '#'), std::string(inside - filled, '-'));
}

Pace pace_of(const Job& job, Time now) {
    Pace pace;
    if (job.status != Status::running || !job.started_at) return pace;
    const milliseconds elapsed = job.updated_at - *job.started_at;
    if (elapsed < kShortest) return pace;
    if (job.current && *job.current > 0) {
        pace.per_second =
            static_cast<double>(*job.current) * 1000.0 / static_cast<double>(elapsed.count());
    }
    const auto share = share_of(job);
    // The first hundredth says too little about the others.
    if (share && *share >= 0.01 && *share < 1.0) {
        const double whole = static_cast<double>(elapsed.count()) / *share;
        const milliseconds left = milliseconds{static_cast<std::int64_t>(whole)} - elapsed;
        pace.left = std::max(left - (now - job.updated_at), milliseconds{0});
    }
    return pace;
}

std::string rate_text(double per_second) {
    struct Unit {
        double seconds;
        const char* name;
    };
    static constexpr std::array kUnits = {
        Unit{1.0, "/s"}, Unit{60.0, " a minute"}, Unit{3600.0, " an hour"}};
    const auto* unit = kUnits.begin();
    while (per_second * unit->seconds < 1.0 && unit + 1 != kUnits.end())
        ++unit;
    const double amount = per_second * unit->seconds;
    return fmt::format("{:.{}f}{}", amount, amount < 100.0 ? 1 : 0, unit->name);
}

std::string course_text(const Job& job, Time now) {
    const std::string counter = counter_text(job);
    std::string message = printable(job.message.value_or(""));
    if (message == counter) message.clear();  // Said already.
    std::string line;
    for (const std::string& part :
         {printable(job.phase.value_or("")), counter, pace_text(job, now), message}) {
        if (part.empty()) continue;
        if (!line.empty()) line += "  ";
        line += part;
    }
    return line;
}

std::string live_text(std::span<const Job> jobs, Time now, const Style& style) {
    Table table{{{"", true}, {"", false, true}, {""}, {"", false, true}}};
    for (const Job& job : jobs) {
        table.add({
            {std::to_string(job.seq), Ink::strong},
            {title_of(job)},
            {live_status(job, now), ink_of(job.status)},
            {live_course(job, now)},
        });
    }
    return table.text(style);
}

}  // namespace atlasjob::view
