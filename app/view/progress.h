#pragma once

#include "ledger/job.h"
#include "view/style.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// How far something is that goes through a whole ledger, within 60 columns:
/// "copying [######--------------]  30%"; a plain count where nobody knows the total (0).
std::string progress_line(std::string_view what, std::int64_t done, std::int64_t total);

/// How far the job is, from 0 to 1: what it says itself, else what its counters come to.
std::optional<double> share_of(const Job& job);

/// "42%", or nothing where the job says nothing of its progress. Never rounded up.
std::string percent_text(const Job& job);

/// A bar of so many columns, its ends included: "[####------]".
std::string bar_text(double share, std::size_t columns);

/// How fast a running job comes along, on the average since its start, as of its last report.
struct Timings {
    std::optional<double> per_second;  ///< Of its counter.
    std::optional<milliseconds> left;  ///< Until its end, at `now`.
};
/// Nothing is made up: no counter, no rate; no share of the whole, no time left.
Timings pace_of(const Job& job, Time now);

/// "7.2/s", "12.5 an hour": at least three figures' worth.
std::string rate_text(double per_second);

/// Phase, counters, rate, time left and message, as far as they are known, two blanks apart.
std::string progress_summary(const Job& job, Time now);

/// A line for each job that is watched, under each other in columns: number, title, status and
/// since when, bar, course. Cut at the style's width.
std::string live_text(std::span<const Job> jobs, Time now, const Style& style);

}  // namespace atlasjob::view
