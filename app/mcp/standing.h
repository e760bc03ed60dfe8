#pragma once

#include "mcp/tool.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

/// Where a job stands, as finely as any contract tells it.
enum class Standing {
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
    Standing::queued,     Standing::scheduled, Standing::held_up,  Standing::running,
    Standing::cancelling, Standing::done,      Standing::partial,  Standing::error,
    Standing::timed_out,  Standing::lost,      Standing::cancelled};

/// A contract's own words. A row that forgets one does not compile (`is_complete`).
struct StatusWords {
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

    constexpr std::string_view of(Standing standing) const {
        switch (standing) {
            case Standing::queued:
                return queued;
            case Standing::scheduled:
                return scheduled;
            case Standing::held_up:
                return held_up;
            case Standing::running:
                return running;
            case Standing::cancelling:
                return cancelling;
            case Standing::done:
                return done;
            case Standing::partial:
                return partial;
            case Standing::error:
                return error;
            case Standing::timed_out:
                return timed_out;
            case Standing::lost:
                return lost;
            case Standing::cancelled:
                return cancelled;
        }
        return {};
    }

    /// Whether why a job waits makes a difference: that alone costs more than one look at it.
    constexpr bool tell_why_it_waits() const { return scheduled != queued || held_up != queued; }
};

constexpr bool is_complete(const StatusWords& words) {
    return std::ranges::none_of(
        kStandings, [&](Standing standing) { return words.of(standing).empty(); });
}

/// As far as the job itself tells: a job that waits, for whatever, is queued.
Standing standing_of(const Job& job);

/// Why a queued job (in full detail) waits: queued, scheduled or held_up.
Standing why_it_waits(const ToolContext& context, Store& store, const Job& job);

}  // namespace atlasjob::mcp
