#pragma once

#include "ledger/record.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// A job of alice's as it may stand, under a name for what is special about it.
struct JobState {
    std::string name;
    JobRecord record;
    /// The words of cidx, bgjob, arcgis and reftrix, in the order of the contracts' table; atlas
    /// has the status itself.
    std::string cidx;
    std::string bgjob;
    std::string arcgis;
    std::string reftrix;
};

/// The task that all of them belong to.
inline constexpr const char* kTaskUrl = "https://gis.example.com/rest/GP/GPServer/Merge%20it";

/// Every status with every reason it can have, and what else contracts tell apart. Of 2026-11-22,
/// 12:00 to 12:02.
std::vector<JobState> job_states();

/// The queue of the state "paused": whoever records them pauses it.
inline constexpr const char* kPausedQueue = "quiet";

}  // namespace atlasjob::test
