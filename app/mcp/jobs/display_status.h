#pragma once

#include "mcp/tools/tool.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

/// Where a job stands, as finely as any contract tells it.
enum class DisplayStatus {
    queued,     ///< It could start.
    scheduled,  ///< Queued, and its time has not come or jobs before it have not ended.
    held_up,    ///< Queued, and its queue is paused or full, or all workers are busy.
    running,
    cancelling,  ///< Running, and asked to stop.
    done,
    partial,  ///< Done, though not all of it succeeded.
    error,
    timed_out,
    lost,  ///< Error: who ran it is gone.
    cancelled,
};

inline constexpr std::array kStandings = {
    DisplayStatus::queued,  DisplayStatus::scheduled,  DisplayStatus::held_up,
    DisplayStatus::running, DisplayStatus::cancelling, DisplayStatus::done,
    DisplayStatus::partial, DisplayStatus::error,      DisplayStatus::timed_out,
    DisplayStatus::lost,    DisplayStatus::cancelled};

/// A contract's own words. A row that forgets one does not compile (`is_complete`).
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

    constexpr std::string_view of(DisplayStatus standing) const {
        switch (standing) {
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

    /// Whether why a job waits makes a difference: that alone costs more than one look at it.
    constexpr bool shows_pending_status() const { return scheduled != queued || held_up != queued; }
};

constexpr bool is_complete(const StatusNames& words) {
    return std::ranges::none_of(
        kStandings, [&](DisplayStatus standing) { return words.of(standing).empty(); });
}

/// As far as the job itself tells: a job that waits, for whatever, is queued.
DisplayStatus display_status_of(const Job& job);

/// Why a queued job (in full detail) waits: queued, scheduled or held_up.
DisplayStatus pending_status(const ToolContext& context, Store& store, const Job& job);

}  // namespace atlasjob::mcp
