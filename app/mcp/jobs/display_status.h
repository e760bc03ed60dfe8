#pragma once

#include "mcp/tools/tool.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

/// A job's status, as finely as any contract distinguishes it.
enum class DisplayStatus {
    queued,     ///< Ready to start.
    scheduled,  ///< Queued, but not due yet, or a job it depends on has not finished.
    held_up,    ///< Queued, but its queue is paused or full, or all workers are busy.
    running,
    cancelling,  ///< Running, with a cancel requested.
    done,
    partial,  ///< Done, but only part of it succeeded.
    error,
    timed_out,
    lost,  ///< Error: its worker was lost.
    cancelled,
};

inline constexpr std::array kDisplayStatuses = {
    DisplayStatus::queued,  DisplayStatus::scheduled,  DisplayStatus::held_up,
    DisplayStatus::running, DisplayStatus::cancelling, DisplayStatus::done,
    DisplayStatus::partial, DisplayStatus::error,      DisplayStatus::timed_out,
    DisplayStatus::lost,    DisplayStatus::cancelled};

/// A contract's names for the statuses. A missing one fails to compile (`is_complete`).
struct StatusNames {
    std::string_view queued;
    std::string_view scheduled;
    std::string_view held_up;
    std::string_view running;
    std::string_view cancelling;
    std::string_view done;
    std::string_view partial;
    std::string_view error;
    std::string_view timed_out;
    std::string_view lost;
    std::string_view cancelled;

    constexpr std::string_view of(DisplayStatus status) const {
        switch (status) {
            case DisplayStatus::queued:
                return queued;
            case DisplayStatus::scheduled:
                return scheduled;
            case DisplayStatus::held_up:
                return held_up;
            case DisplayStatus::running:
                return running;
            case DisplayStatus::cancelling:
                return cancelling;
            case DisplayStatus::done:
                return done;
            case DisplayStatus::partial:
                return partial;
            case DisplayStatus::error:
                return error;
            case DisplayStatus::timed_out:
                return timed_out;
            case DisplayStatus::lost:
                return lost;
            case DisplayStatus::cancelled:
                return cancelled;
        }
        return {};
    }

    /// Whether the name depends on why a job is queued, which takes more than the job's row to find
    /// out.
    constexpr bool shows_pending_status() const { return scheduled != queued || held_up != queued; }
};

constexpr bool is_complete(const StatusNames& names) {
    return std::ranges::none_of(
        kDisplayStatuses, [&](DisplayStatus status) { return names.of(status).empty(); });
}

/// The status as far as the job's row tells it: `queued` for every queued job.
DisplayStatus display_status_of(const Job& job);

/// Why a queued job (read in Detail::full) has not started: queued, scheduled or held_up.
DisplayStatus pending_status(const ToolContext& context, Store& store, const Job& job);

}  // namespace atlasjob::mcp
