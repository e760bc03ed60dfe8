#include "view/progress.h"

#include "view/job_text.h"
#include "view/table.h"
#include "view/time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace atlasjob::view {

namespace {

constexpr std::size_t kBarColumns = 32;

}  // namespace

std::string progress_line(std::string_view what, std::int64_t done, std::int64_t total) {
    if (total <= 0) return fmt::format("{} {}", what, done);
    const double part =
        std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    return fmt::format(
        "{} {} {:3}%", what, bar_text(part, kBarColumns), static_cast<int>(part * 100.0));
}

namespace {

constexpr std::size_t kLiveBar = 22;
/// Minimum run time for a meaningful rate.
constexpr milliseconds kMinElapsed{1000};

std::string counter_text(const Job& job) {
    if (!job.current) return {};
    if (!job.total) return std::to_string(*job.current);
    return fmt::format("{}/{}", *job.current, *job.total);
}

std::string timings_text(const Job& job, Time now) {
    const Timings timings = timings_of(job, now);
    std::string text;
    if (timings.per_second) text = rate_text(*timings.per_second);
    if (timings.left) {
        if (!text.empty()) text += ", ";
        text += fmt::format("about {} left", span_text(*timings.left));
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

std::string live_progress(const Job& job, Time now) {
    if (job.ended_at) return printable(job.error.value_or(""));
    std::string summary = progress_summary(job, now);
    if (const auto fraction = fraction_of(job)) {
        summary = fmt::format(
            "{} {:>4}{}{}", bar_text(*fraction, kLiveBar), percent_text(job),
            summary.empty() ? "" : "  ", summary);
    }
    return summary;
}

}  // namespace

std::optional<double> fraction_of(const Job& job) {
    if (job.progress) return std::clamp(*job.progress, 0.0, 1.0);
    if (!job.current || !job.total || *job.total <= 0) return {};
    return std::clamp(
        static_cast<double>(*job.current) / static_cast<double>(*job.total), 0.0, 1.0);
}

std::string percent_text(const Job& job) {
    const auto fraction = fraction_of(job);
    if (!fraction) return {};
    return fmt::format("{}%", static_cast<int>(std::floor(*fraction * 100.0 + 1e-9)));
}

std::string bar_text(double fraction, std::size_t columns) {
    const std::size_t inside = columns > 2 ? columns - 2 : 1;
    const auto filled =
        static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(inside));
    return fmt::format("[{}{}]", std::string(filled, '#'), std::string(inside - filled, '-'));
}

Timings timings_of(const Job& job, Time now) {
    Timings timings;
    if (job.status != Status::running || !job.started_at) return timings;
    const milliseconds elapsed = job.updated_at - *job.started_at;
    if (elapsed < kMinElapsed) return timings;
    if (job.current && *job.current > 0) {
        timings.per_second =
            static_cast<double>(*job.current) * 1000.0 / static_cast<double>(elapsed.count());
    }
    const auto fraction = fraction_of(job);
    // The first percent is too little for an estimate.
    if (fraction && *fraction >= 0.01 && *fraction < 1.0) {
        const double whole = static_cast<double>(elapsed.count()) / *fraction;
        const milliseconds left = milliseconds{static_cast<std::int64_t>(whole)} - elapsed;
        timings.left = std::max(left - (now - job.updated_at), milliseconds{0});
    }
    return timings;
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

std::string progress_summary(const Job& job, Time now) {
    const std::string counter = counter_text(job);
    std::string message = printable(job.message.value_or(""));
    if (message == counter) message.clear();  // Already shown as the counter.
    std::string line;
    for (const std::string& part :
         {printable(job.phase.value_or("")), counter, timings_text(job, now), message}) {
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
            {std::to_string(job.seq), Color::strong},
            {title_of(job)},
            {live_status(job, now), color_of(job.status)},
            {live_progress(job, now)},
        });
    }
    return table.text(style);
}

}  // namespace atlasjob::view
