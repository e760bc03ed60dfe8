#pragma once

#include "ledger/job.h"
#include "view/style.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// Progress of work on a whole ledger, within 60 columns: "copying [######--------------]  30%". A
/// plain count if `total` is unknown (0).
std::string progress_line(std::string_view what, std::int64_t done, std::int64_t total);

/// The job's progress from 0 to 1: as reported, else computed from its counters.
std::optional<double> fraction_of(const Job& job);

/// "42%", rounded down; empty if the progress is unknown.
std::string percent_text(const Job& job);

/// A bar of `columns` columns including its brackets: "[####------]".
std::string bar_text(double fraction, std::size_t columns);

/// Speed of a running job, averaged from its start to its last report.
struct Timings {
    std::optional<double> per_second;  ///< Rate of its counter.
    std::optional<milliseconds> left;  ///< Estimated time left at `now`.
};
/// The rate needs a counter, the time left a known fraction; otherwise they are nullopt.
Timings timings_of(const Job& job, Time now);

/// "7.2/s", "12.5 an hour".
std::string rate_text(double per_second);

/// Phase, counters, rate, time left and message, as far as known, separated by two blanks.
std::string progress_summary(const Job& job, Time now);

/// One line per job in aligned columns: number, title, status and duration, bar, progress summary.
/// Cut at the style's width.
std::string live_text(std::span<const Job> jobs, Time now, const Style& style);

}  // namespace atlasjob::view
